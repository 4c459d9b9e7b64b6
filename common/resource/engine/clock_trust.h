// Whether the wall clock may be believed where believing it does harm that nobody can undo: what is
// past its retention is removed for good, and what lay in silence is adopted.
//
// The wall clock is compared with one that nobody sets, the time since the machine's start. As long
// as both go on side by side, it is trusted. When it is set by more than a minute, it isn't, until
// it is back or has stood there for an hour: a clock that is wrong is put right within that time,
// or an operator has meant it.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_CLOCK_TRUST_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_CLOCK_TRUST_H_

#include <atomic>
#include <mutex>
#include <optional>

#include "absl/time/time.h"

#include "common/base/clock.h"
#include "common/telemetry/state_log.h"

namespace baliprocess::resource {

// Safe for use by many threads. Says in the log when the clock isn't trusted, and when it is again.
class ClockTrust {
 public:
  // By how much the wall clock may be set at once.
  static constexpr absl::Duration kTolerance = absl::Minutes(1);
  // How long it must stand where it was set to until it is believed.
  static constexpr absl::Duration kStanding = absl::Hours(1);
  // How long nothing is removed after the start, when there was nothing to compare with yet: time
  // daemons put a clock right within minutes of the machine's start (chrony: with one of the first
  // three answers, which come a minute apart).
  static constexpr absl::Duration kFirstLook = absl::Minutes(10);

  // `newest`: the newest time that the store has. A wall clock that is before it isn't trusted
  // either, until it has passed it or stood for an hour. The clocks outlive this object.
  ClockTrust(const Clock& wall, const Clock& since_start, absl::Time newest);

  // What the wall clock says, or nothing while it isn't trusted.
  std::optional<absl::Time> Now();

  // The same for what is removed for good: nothing within kFirstLook, too.
  std::optional<absl::Time> NowForRemoval();

  // As of the last look.
  bool trusted() const { return trusted_now_; }

 private:
  struct Look {
    absl::Duration offset;   // of the wall clock
    absl::Time since_start;  // when it was seen first
  };

  bool Believes(absl::Time wall, absl::Time since_start);

  const Clock& wall_;
  const Clock& since_start_;
  const absl::Time newest_;
  const absl::Time began_;  // since the machine's start
  std::mutex mutex_;
  std::optional<absl::Duration> trusted_;  // the offset when it was trusted last
  std::atomic<bool> trusted_now_ = true;
  std::optional<Look> standing_;  // where it stands while it isn't
  telemetry::StateLog log_{
      {.component = "engine",
       .lost = "the wall clock isn't trusted: nothing is removed and nothing becomes due until it "
               "is back, or has stood for an hour",
       .back = "the wall clock is trusted again"}};
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_CLOCK_TRUST_H_
