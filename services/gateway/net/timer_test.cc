// Times that no clock reaches.

#include "services/gateway/net/timer.h"

#include <gmock/gmock.h>

namespace baliprocess::gateway {
namespace {

// What no clock can reach is no deadline.
TEST(TimeoutTest, DeadlinesDoNotOverflow) {
  EXPECT_EQ(After(SteadyNow(), absl::Hours(99999999)), SteadyTime::max());
  EXPECT_EQ(After(SteadyNow(), absl::InfiniteDuration()), SteadyTime::max());
  const SteadyTime now = SteadyNow();
  EXPECT_EQ(After(now, absl::Seconds(1)), now + std::chrono::seconds(1));
}

}  // namespace
}  // namespace baliprocess::gateway
