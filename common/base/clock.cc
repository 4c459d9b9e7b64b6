#include "common/base/clock.h"

#include <ctime>

#include "absl/time/clock.h"

namespace baliprocess {
namespace {

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

class StartClock final : public Clock {
 public:
  absl::Time Now() const override {
    timespec since_start = {};
    clock_gettime(CLOCK_BOOTTIME, &since_start);  // can't fail: Linux has it since 2.6.39
    return absl::TimeFromTimespec(since_start);
  }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

const Clock& Clock::SinceStart() {
  static const StartClock clock;
  return clock;
}

}  // namespace baliprocess
