// Reads that may be a moment old: where they are answered.
//
// A standby answers a call that only reads when its snapshot is no older than the bound and has all
// that the caller has seen, as far as the caller says so (base/position_header.h); the primary
// answers any other. The snapshot itself is asked for both.
//
// How old it is follows from beats (store/snapshot_state.h) and one clock: this process writes one
// to the primary at short intervals and remembers when, by its own steady clock, it began to. So
// nothing depends on whose clock is right, nor on whether anybody else writes; and a standby whose
// replay is paused, that lags, or that follows another primary lacks the later beats.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDBY_READS_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDBY_READS_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/base/counts.h"
#include "common/base/steady_time.h"
#include "common/resource/query/seal.h"
#include "common/resource/store/position.h"
#include "common/resource/store/snapshot_state.h"
#include "common/rpc/service.h"
#include "common/storage/database.h"
#include "common/storage/standby.h"
#include "common/telemetry/families.h"
#include "common/telemetry/state_log.h"

namespace baliprocess::resource {

// Safe for use by many threads.
class StandbyReads {
 public:
  // How old a standby's answer may be, at the least.
  static constexpr absl::Duration kShortestAge = absl::Milliseconds(100);

  // All outlive this. Without a `standby` (null) the primary answers everything, and calls are told
  // no positions.
  StandbyReads(storage::Database& primary, const Sealer& sealer, storage::Standby* standby,
               absl::Duration age);
  ~StandbyReads();

  // A way to read on the primary: Read or ReadOne.
  using Way = absl::Status (storage::Database::*)(const storage::Work& work);

  // Runs `work` of a call on one snapshot that is recent enough for it, and notes its position for
  // the reply: `newest` where that was asked for. `work` may run more than once.
  absl::Status Read(const rpc::Call& call, Way way, const storage::Work& work);

  // From now on the call reads at the primary, and its caller is to ask for the newest next.
  void AskForNewest(const rpc::Call& call) const;

  // Notes the position of the primary for the reply, after the call has read or written there, with
  // that status of the store.
  void NotePrimary(const rpc::Call& call, const absl::Status& status);

  // Notes that position.
  void Note(const rpc::Call& call, ChangePosition position) const;

  // Ends waits and beats, for shutdown: the primary answers from now on.
  void Stop();

  void AddMetrics(telemetry::Families& families) const;

 private:
  // Why the primary answers.
  enum class Why { kAsked, kAway, kOld, kBehind, kFailed };
  static constexpr size_t kWhys = 5;

  // A beat, and when it was begun to be written.
  struct Written {
    int64_t beat = 0;
    SteadyTime begun;
  };

  // How a snapshot of a standby was found.
  struct Found {
    std::optional<SnapshotState> state;
    std::optional<Why> refused;
  };

  std::optional<ChangePosition> Needed(const rpc::Call& call) const;
  std::optional<absl::Status> TryStandby(const rpc::Call& call, Way way, const storage::Work& work);
  storage::Standby::Question QuestionFor(ChangePosition needed, Found& found) const;
  // Infinite when nobody knows.
  absl::Duration AgeOf(const SnapshotState& state) const;
  bool Stopped() const;
  void BeatUntilStopped();
  void WriteNextBeat();
  void LookAtStandby();

  storage::Database& primary_;
  const Sealer& sealer_;
  storage::Standby* const standby_;
  const absl::Duration age_;
  const absl::Duration interval_;
  const std::string beat_key_;
  telemetry::StateLog log_{
      {.component = "storage",
       .lost = "no standby of the store is recent enough: the primary answers all reads",
       .back = "a standby of the store answers reads"}};

  SharedCount by_standby_;
  std::array<SharedCount, kWhys> by_primary_;
  // Whether the standby is worth trying. Each of its answers is judged all the same.
  std::atomic<bool> used_ = false;

  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::deque<Written> written_;      // the oldest first
  std::optional<SteadyTime> as_of_;  // what the standby was like when it was looked at last

  // Of the beater.
  int64_t last_beat_ = 0;
  SteadyTime good_look_ = SteadyNow();  // or the start
  std::thread beater_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDBY_READS_H_
