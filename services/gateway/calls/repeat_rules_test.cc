// Which calls may be made a second time, and how many.

#include "services/gateway/calls/repeat_rules.h"

#include <gmock/gmock.h>

#include "services/gateway/calls/repeat_budget.h"

namespace baliprocess::gateway {
namespace {

TEST(HasTextTest, ReadsTheTopLevelAlone) {
  EXPECT_TRUE(HasText("\x12\x02id", 2));
  EXPECT_FALSE(HasText("\x12\x02id", 1));
  EXPECT_FALSE(HasText(std::string_view("\x12\x00", 2), 2)) << "empty";
  EXPECT_FALSE(HasText("", 2));
  EXPECT_FALSE(HasText("\x0a\x04\x12\x02id", 2)) << "within another field";
  EXPECT_TRUE(HasText("\x0a\x04\x12\x02id\x18\x05\x12\x01x", 2));
  EXPECT_FALSE(HasText("\x10\x05", 2)) << "a number";
}

TEST(HasTextTest, TheLastOneCounts) {
  EXPECT_FALSE(HasText(std::string_view("\x12\x01x\x12\x00", 5), 2));
  EXPECT_TRUE(HasText(std::string_view("\x12\x00\x12\x01x", 5), 2));
}

TEST(HasTextTest, WhatCanNotBeReadHasNone) {
  EXPECT_FALSE(HasText("\x12\x05id", 2));
  EXPECT_FALSE(HasText("\x12\x02id\x12", 2));
  EXPECT_FALSE(HasText("\x12\x02id\x0f", 2)) << "a wire type that isn't one";
  EXPECT_FALSE(HasText(std::string_view("\x12\x02id\x00", 5), 2)) << "field 0";
  EXPECT_FALSE(HasText("\x12\x02id\x12\xff\xff\xff\xff\x7f", 2));
}

TEST(BackoffTest, IsBoundedAndGrows) {
  absl::Duration longest;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(Backoff(1), absl::Milliseconds(25));
    longest = std::max(longest, Backoff(3));
    EXPECT_LE(Backoff(3), absl::Milliseconds(100));
  }
  EXPECT_GT(longest, absl::Milliseconds(50));
}

TEST(RepeatBudgetTest, IsAFifthOfTheCallsAndAFloor) {
  const SteadyTime now = SteadyNow();
  RepeatBudget budget("membership", 0.2, now);
  for (int i = 0; i < 100; ++i) budget.OnCall();
  int taken = 0;
  while (budget.TryTake(now)) ++taken;
  EXPECT_GE(taken, 29);
  EXPECT_LE(taken, 30);
  EXPECT_FALSE(budget.TryTake(now));
  EXPECT_TRUE(budget.TryTake(now + std::chrono::seconds(1)));
  EXPECT_EQ(budget.repeats(), static_cast<uint64_t>(taken) + 1);
  EXPECT_EQ(budget.refused(), 2u);
}

TEST(RepeatBudgetTest, WhatIsSavedIsBounded) {
  const SteadyTime now = SteadyNow();
  RepeatBudget budget("membership", 0.2, now);
  for (int i = 0; i < 100000; ++i) budget.OnCall();
  int taken = 0;
  while (budget.TryTake(now)) ++taken;
  EXPECT_EQ(taken, 1010);
}

}  // namespace
}  // namespace baliprocess::gateway
