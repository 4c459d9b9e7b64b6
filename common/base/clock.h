// Time, so that tests can hold it still.

#ifndef BALIPROCESS_COMMON_BASE_CLOCK_H_
#define BALIPROCESS_COMMON_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace baliprocess {

// Where the present comes from. Safe for use by many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;

  // The machine's clock; lives as long as the process.
  static const Clock& System();

  // The time since the machine started, suspends included (CLOCK_BOOTTIME), told as a time since
  // 1970. Nobody sets it, so that differences are true; its value means nothing by itself.
  static const Clock& SinceStart();
};

// A clock that stands still until it is told to move.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now) : micros_(absl::ToUnixMicros(now)) {}
  absl::Time Now() const override { return absl::FromUnixMicros(micros_.load()); }

  // Time passes.
  void Advance(absl::Duration by) {
    Set(by);
    since_start_.micros += absl::ToInt64Microseconds(by);
  }

  // The clock is set to another time, and no time passes.
  void Set(absl::Duration by) { micros_ += absl::ToInt64Microseconds(by); }

  // Beside it, one that nobody sets.
  const Clock& since_start() const { return since_start_; }

 private:
  struct SinceStartClock final : Clock {
    absl::Time Now() const override { return absl::FromUnixMicros(micros.load()); }
    std::atomic<int64_t> micros = 0;
  };

  std::atomic<int64_t> micros_;
  SinceStartClock since_start_;
};

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_CLOCK_H_
