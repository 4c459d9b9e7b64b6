#include "common/resource/engine/standby_reads.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

#include "common/base/position_header.h"
#include "common/base/status_macros.h"

namespace baliprocess::resource {
namespace {

using storage::ErrorClass;
using storage::Transaction;

// A caller that has more to say than this is answered by the primary.
constexpr size_t kMostPositions = 16;

// Between beats: a part of the bound, so that little of it is lost.
absl::Duration IntervalFor(absl::Duration age) {
  return std::clamp(age / 4, absl::Milliseconds(25), absl::Seconds(1));
}

bool OnlyReads(const rpc::Call& call) {
  return call.method->options().idempotency_level() ==
         google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

}  // namespace

StandbyReads::StandbyReads(storage::Database& primary, const Sealer& sealer,
                           storage::Standby* standby, absl::Duration age)
    : primary_(primary),
      sealer_(sealer),
      standby_(standby),
      age_(age),
      interval_(IntervalFor(age)),
      beat_key_(NewBeatKey()) {
  if (standby_ == nullptr) return;
  standby_->Start();
  beater_ = std::thread([this] { BeatUntilStopped(); });
}

StandbyReads::~StandbyReads() {
  Stop();
  if (beater_.joinable()) beater_.join();
}

void StandbyReads::Stop() {
  if (standby_ == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_all();
  used_ = false;
  standby_->Stop();
}

bool StandbyReads::Stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

absl::Status StandbyReads::Read(const rpc::Call& call, Way way, const storage::Work& work) {
  if (standby_ == nullptr || call.reply_position == kNewestPosition) return (primary_.*way)(work);
  if (std::optional<absl::Status> answered = TryStandby(call, way, work)) return *answered;
  // A standby that is slow takes time that the caller may not have.
  if (call.cancelled && call.cancelled()) return absl::CancelledError("the call is over");
  const absl::Status status = (primary_.*way)(work);
  // Who asks for the newest, such as other services with each question, asks for it again.
  if (absl::StripAsciiWhitespace(call.position) == kNewestPosition) {
    AskForNewest(call);
  } else {
    NotePrimary(call, status);
  }
  return status;
}

// What a standby must have; nothing: the primary is to answer.
std::optional<ChangePosition> StandbyReads::Needed(const rpc::Call& call) const {
  if (!OnlyReads(call)) return std::nullopt;
  ChangePosition needed;
  size_t positions = 0;
  // What the call itself was told before counts as well.
  for (const std::string& list : {call.position, call.reply_position}) {
    for (const absl::string_view part : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
      if (++positions > kMostPositions) return std::nullopt;
      const auto position = OpenPosition(sealer_, std::string(absl::StripAsciiWhitespace(part)));
      if (!position.ok()) return std::nullopt;
      needed = std::max(needed, *position);
    }
  }
  return needed;
}

std::optional<absl::Status> StandbyReads::TryStandby(const rpc::Call& call, Way way,
                                                     const storage::Work& work) {
  const auto leave_to_primary = [this](Why why) {
    by_primary_[static_cast<size_t>(why)].Add();
    return std::nullopt;
  };
  const std::optional<ChangePosition> needed = Needed(call);
  if (!needed) return leave_to_primary(Why::kAsked);
  if (!used_) return leave_to_primary(Why::kAway);
  Found found;
  const storage::Standby::Question question = QuestionFor(*needed, found);
  absl::Status status = way == &storage::Database::ReadOne ? standby_->ReadOne(question, work)
                                                           : standby_->Read(question, work);
  if (found.refused) return leave_to_primary(*found.refused);
  if (const ErrorClass error = storage::ClassOf(status); error != ErrorClass::kNone) {
    if (error == ErrorClass::kConnectionLost || error == ErrorClass::kTimeout) used_ = false;
    return leave_to_primary(Why::kFailed);
  }
  if (!found.state) return leave_to_primary(Why::kFailed);
  by_standby_.Add();
  Note(call, found.state->last);
  return status;
}

storage::Standby::Question StandbyReads::QuestionFor(ChangePosition needed, Found& found) const {
  Statement ask = AskState(beat_key_, needed.epoch);
  return {std::move(ask.sql), std::move(ask.params),
          [this, needed, &found](const std::vector<storage::Row>& rows) -> absl::Status {
            ASSIGN_OR_RETURN(found.state, StateIn(rows));
            if (AgeOf(*found.state) > age_) {
              found.refused = Why::kOld;
              return absl::UnavailableError("the standby is too old");
            }
            if (!found.state->HasReached(needed)) {
              found.refused = Why::kBehind;
              return absl::UnavailableError("the standby is behind what the caller has seen");
            }
            return absl::OkStatus();
          }};
}

absl::Duration StandbyReads::AgeOf(const SnapshotState& state) const {
  if (!state.beat) return absl::InfiniteDuration();
  const std::lock_guard lock(mutex_);
  const auto written = std::find_if(written_.rbegin(), written_.rend(),
                                    [&](const Written& one) { return one.beat <= *state.beat; });
  return written == written_.rend() ? absl::InfiniteDuration() : Since(written->begun);
}

void StandbyReads::AskForNewest(const rpc::Call& call) const {
  if (standby_ != nullptr) call.reply_position = kNewestPosition;
}

// The position that is read after the work is that of what it saw, or a later one. When it can't be
// read, the caller is to ask for the newest.
void StandbyReads::NotePrimary(const rpc::Call& call, const absl::Status& status) {
  if (standby_ == nullptr) return;
  AskForNewest(call);
  const ErrorClass error = storage::ClassOf(status);
  const bool answers = error != ErrorClass::kConnectionLost && error != ErrorClass::kTimeout;
  if (!answers || Stopped()) return;
  const Statement ask = AskState(beat_key_, 0);
  SnapshotState state;
  const absl::Status asked = primary_.ReadOne([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query(ask.sql, ask.params));
    ASSIGN_OR_RETURN(state, StateIn(rows));
    return absl::OkStatus();
  });
  if (asked.ok()) Note(call, state.last);
}

void StandbyReads::Note(const rpc::Call& call, ChangePosition position) const {
  if (standby_ != nullptr) call.reply_position = SealPosition(sealer_, position);
}

void StandbyReads::BeatUntilStopped() {
  bool swept = false;
  while (!Stopped()) {
    if (!swept) {
      const Statement forget = ForgetBeats();
      swept = standby_->Mark(forget.sql, forget.params).ok();
    }
    WriteNextBeat();
    LookAtStandby();
    std::unique_lock lock(mutex_);
    stopping_.wait_for(lock, absl::ToChronoNanoseconds(interval_), [this] { return stopped_; });
  }
}

// Whether one that failed was written, nobody knows: its number isn't used again.
void StandbyReads::WriteNextBeat() {
  const SteadyTime begun = SteadyNow();
  const Statement write = WriteBeat(beat_key_, ++last_beat_);
  if (!standby_->Mark(write.sql, write.params).ok()) return;
  const std::lock_guard lock(mutex_);
  written_.push_back({last_beat_, begun});
  while (written_.size() > 1 && Since(written_.front().begun) > 2 * age_) written_.pop_front();
}

void StandbyReads::LookAtStandby() {
  Found found;
  const absl::Status status = standby_->Read(QuestionFor(ChangePosition(), found),
                                             [](Transaction&) { return absl::OkStatus(); });
  if (Stopped()) return;
  if (found.state) {
    const absl::Duration age = AgeOf(*found.state);
    const std::lock_guard lock(mutex_);
    if (age != absl::InfiniteDuration()) as_of_ = SteadyNow() - absl::ToChronoNanoseconds(age);
  }
  if (status.ok()) {
    good_look_ = SteadyNow();
    used_ = true;
    return log_.Works();
  }
  // One that answers may catch up, or wait for a beat that another process has swept away; one that
  // is busy may have room again.
  const bool answers = found.refused.has_value();
  const bool busy = storage::ClassOf(status) == ErrorClass::kConflict;
  if ((answers || busy) && Since(good_look_) <= age_) return;
  used_ = false;
  log_.Fails(MessageOf(status));
  if (answers) standby_->Leave();
}

void StandbyReads::AddMetrics(telemetry::Families& families) const {
  if (standby_ == nullptr) return;
  static constexpr std::array<const char*, kWhys> kWords = {"asked", "away", "old", "behind",
                                                            "failed"};
  uint64_t by_primary = 0;
  for (const SharedCount& count : by_primary_) by_primary += count.get();
  families.Counter("bali_store_reads_total",
                   "Reads that a standby of the store may answer, by where they were answered.");
  families.Add({{"where", "standby"}}, static_cast<double>(by_standby_.get()));
  families.Add({{"where", "primary"}}, static_cast<double>(by_primary));
  families.Counter("bali_store_reads_by_primary_total",
                   "Those of them that the primary answered, by why: the newest was asked for; no "
                   "standby was in use; it was too old, or behind what the caller had seen; it "
                   "failed.");
  for (size_t i = 0; i < kWhys; ++i) {
    families.Add({{"why", kWords[i]}}, static_cast<double>(by_primary_[i].get()));
  }
  families.Gauge("bali_store_standby_used", "1: a standby of the store answers reads.")
      .Add({}, used_);
  families.Gauge("bali_store_standby_age_seconds",
                 "How old the standby is, as far as is known. Absent until it was seen.");
  const std::lock_guard lock(mutex_);
  if (as_of_) families.Add({}, absl::ToDoubleSeconds(Since(*as_of_)));
}

}  // namespace baliprocess::resource
