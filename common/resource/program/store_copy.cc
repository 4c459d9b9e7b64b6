#include "common/resource/program/store_copy.h"

#include <google/protobuf/util/time_util.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/store/history.h"
#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Timestamp;
using operate::v1::BackUpResponse;
using telemetry::Level;
using telemetry::Log;

Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

// What the caller is told: the words of the driver are in the log.
absl::Status Told(const absl::Status& status) {
  if (absl::IsCancelled(status)) {
    return Error(api::v1::Error::DEADLINE_PASSED, "the copy took too long");
  }
  return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
               "the store can't be copied: the log of the service says why");
}

}  // namespace

StoreCopy::StoreCopy(Job job, std::function<void()> wake)
    : job_(std::move(job)), begin_(absl::Now()), wake_(std::move(wake)) {
  Log(Level::kInfo, "backup", "a copy of the store begins").Field("subject", job_.subject);
  *job_.manifest.mutable_begin_time() = ToTimestamp(begin_);
  thread_ = std::thread([this] { Run(); });
}

StoreCopy::~StoreCopy() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  thread_.join();
  Log(complete_ ? Level::kInfo : Level::kWarn, "backup",
      complete_ ? "a copy of the store was sent" : "a copy of the store wasn't sent to its end")
      .Field("subject", job_.subject)
      .Field("bytes", job_.manifest.bytes())
      .Field("duration_us", absl::ToInt64Microseconds(absl::Now() - begin_));
}

bool StoreCopy::GivesUp() {
  const std::lock_guard lock(mutex_);
  return stop_ || absl::Now() > begin_ + job_.longest;
}

void StoreCopy::Run() {
  absl::Status status = Make();
  if (!status.ok()) {
    // That it was given up is told by the last line of the copy.
    if (!absl::IsCancelled(status)) {
      Log(Level::kError, "backup", "the store can't be copied").Field("error", status.ToString());
    }
    status = Told(status);
  }
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
    made_ = true;
  }
  wake_();
}

absl::Status StoreCopy::Make() {
  operate::v1::ChangeLogPosition& position = *job_.manifest.mutable_position();
  RETURN_IF_ERROR(
      job_.database.CopyTo({.path = job_.path,
                            .note = [&position](storage::Transaction& tx) -> absl::Status {
                              ASSIGN_OR_RETURN(const ChangePosition last, LastPosition(tx));
                              position.set_epoch(last.epoch);
                              position.set_sequence(last.seq);
                              return absl::OkStatus();
                            },
                            .give_up = [this] { return GivesUp(); }}));
  file_.reset(std::fopen(job_.path.c_str(), "rbe"));
  const int error = errno;
  unlink(job_.path.c_str());
  if (file_ == nullptr) return absl::ErrnoToStatus(error, "the copy can't be read");
  *job_.manifest.mutable_end_time() = ToTimestamp(absl::Now());
  return absl::OkStatus();
}

absl::StatusOr<rpc::StreamSource::Next> StoreCopy::Pull(google::protobuf::Message& reply) {
  {
    const std::lock_guard lock(mutex_);
    if (!made_) return Next::kIdle;
    RETURN_IF_ERROR(status_);
  }
  if (complete_) {
    job_.sent(begin_);
    return Next::kEnd;
  }
  if (GivesUp()) return Told(absl::CancelledError());
  return Send(static_cast<BackUpResponse&>(reply));
}

absl::StatusOr<rpc::StreamSource::Next> StoreCopy::Send(BackUpResponse& reply) {
  std::string& piece = *reply.mutable_piece();
  piece.resize(kPieceBytes);
  piece.resize(std::fread(piece.data(), 1, piece.size(), file_.get()));
  if (std::ferror(file_.get()) != 0) {
    Log(Level::kError, "backup", "the copy can't be read");
    return Told(absl::InternalError(""));
  }
  if (piece.empty()) return SendManifest(reply);
  hasher_.Add(piece);
  job_.manifest.set_bytes(job_.manifest.bytes() + static_cast<int64_t>(piece.size()));
  return Next::kMessage;
}

absl::StatusOr<rpc::StreamSource::Next> StoreCopy::SendManifest(BackUpResponse& reply) {
  job_.manifest.set_sha256(ToHex(hasher_.Finish()));
  *reply.mutable_manifest() = job_.manifest;
  complete_ = true;
  return Next::kMessage;
}

}  // namespace baliprocess::resource
