#include "common/base/clock.h"

#include "absl/time/clock.h"

namespace baliprocess {
namespace {

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

}  // namespace baliprocess
