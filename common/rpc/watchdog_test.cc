#include "common/rpc/watchdog.h"

#include <gtest/gtest.h>

#include "common/base/steady_time.h"

namespace baliprocess::rpc {
namespace {

TEST(WatchdogTest, ADeadlineThatNeverComesHasNotPassed) {
  Watchdog watchdog;
  watchdog.Arm(absl::InfiniteDuration());
  const SteadyTime begun = SteadyNow();
  while (Since(begun) < absl::Milliseconds(50)) ASSERT_FALSE(watchdog.has_passed());
}

}  // namespace
}  // namespace baliprocess::rpc
