#include "services/gateway/net/rate_meter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace baliprocess::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr RateLimit kLimit = {.per_second = 10, .at_once = 5};

class RateMeterTest : public ::testing::Test {
 protected:
  bool Take() { return meter_.Take(kLimit, now_) == milliseconds(0); }

  RateMeter meter_;
  SteadyTime now_{seconds(1000)};
};

TEST_F(RateMeterTest, TakesSoManyAtOnce) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Take()) << i;
  EXPECT_FALSE(Take());
}

TEST_F(RateMeterTest, SaysWhenTheNextIsWithinTheLimit) {
  for (int i = 0; i < 5; ++i) Take();
  EXPECT_EQ(meter_.Take(kLimit, now_), milliseconds(100));
  now_ += milliseconds(70);
  EXPECT_EQ(meter_.Take(kLimit, now_), milliseconds(30));
  now_ += milliseconds(30);
  EXPECT_TRUE(Take());
  EXPECT_FALSE(Take());
}

TEST_F(RateMeterTest, WhatIsRefusedIsNotHeldAgainstTheCaller) {
  for (int i = 0; i < 100; ++i) Take();
  now_ += milliseconds(200);
  EXPECT_TRUE(Take());
  EXPECT_TRUE(Take());
  EXPECT_FALSE(Take());
}

TEST_F(RateMeterTest, FillsUpToWhatItTakesAtOnce) {
  for (int i = 0; i < 5; ++i) Take();
  EXPECT_FALSE(meter_.full(now_));
  now_ += seconds(3600);
  EXPECT_TRUE(meter_.full(now_));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Take()) << i;
  EXPECT_FALSE(Take());
}

TEST_F(RateMeterTest, WhatIsChargedMayBeTooMuch) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Take());
  EXPECT_EQ(meter_.Debt(kLimit, now_), milliseconds(0)) << "five at once are allowed";
  meter_.Charge(10, kLimit, now_);
  EXPECT_EQ(meter_.Debt(kLimit, now_), seconds(1));
  EXPECT_EQ(meter_.Take(kLimit, now_), milliseconds(1100));
  now_ += seconds(1);
  EXPECT_EQ(meter_.Debt(kLimit, now_), milliseconds(0));
  EXPECT_FALSE(Take());
  now_ += milliseconds(100);
  EXPECT_TRUE(Take());
  meter_.Charge(1e9, {.per_second = 0}, now_);
  EXPECT_EQ(meter_.Debt({.per_second = 0}, now_), milliseconds(0));
}

TEST_F(RateMeterTest, NoLimit) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(meter_.Take({.per_second = 0}, now_), milliseconds(0));
  EXPECT_TRUE(meter_.full(now_));
}

TEST_F(RateMeterTest, ThreadsTakeNoMoreTogether) {
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        if (meter_.Take({.per_second = 1, .at_once = 1000}, now_) == milliseconds(0)) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1000);
}

TEST_F(RateMeterTest, TheLogIsToldOnceAMinute) {
  EXPECT_EQ(meter_.CountForLog(now_), 1u);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(meter_.CountForLog(now_ + seconds(i)));
  EXPECT_EQ(meter_.CountForLog(now_ + seconds(60)), 6u);
}

}  // namespace
}  // namespace baliprocess::gateway
