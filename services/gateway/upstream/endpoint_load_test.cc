#include "services/gateway/upstream/endpoint_load.h"

#include <gtest/gtest.h>

namespace baliprocess::gateway {
namespace {

constexpr auto kUnary = EndpointLoad::kUnary;
constexpr auto kStream = EndpointLoad::kStream;

class EndpointLoadTest : public ::testing::Test {
 protected:
  double Cost(EndpointLoad::Kind kind = kUnary) { return load_.Cost(kind, now_); }

  EndpointLoad load_{absl::Seconds(10)};
  SteadyTime now_ = SteadyNow();
};

TEST_F(EndpointLoadTest, CountsCallsThatAreUnderWayByKind) {
  load_.Begin(kUnary);
  load_.Begin(kUnary);
  load_.Begin(kStream);
  load_.End(kUnary);
  EXPECT_EQ(Cost(kUnary), 1);
  EXPECT_EQ(Cost(kStream), 1);
  load_.End(kStream);
  EXPECT_EQ(Cost(kStream), 0);
}

TEST_F(EndpointLoadTest, UnavailableCountsAndFades) {
  load_.Fail(now_);
  load_.Fail(now_);
  EXPECT_EQ(Cost(), 2);
  now_ += std::chrono::seconds(1);
  EXPECT_DOUBLE_EQ(Cost(), 1);
  now_ += std::chrono::seconds(10);
  EXPECT_EQ(Cost(), 0);
}

TEST_F(EndpointLoadTest, ShareGrowsFromATenthToAllOfIt) {
  load_.Begin(kUnary);
  load_.Warm(now_);
  EXPECT_DOUBLE_EQ(Cost(), 10);
  now_ += std::chrono::seconds(5);
  EXPECT_DOUBLE_EQ(Cost(), 2);
  now_ += std::chrono::seconds(5);
  EXPECT_EQ(Cost(), 1);
}

TEST_F(EndpointLoadTest, WhatHasNothingToDoCostsNothingHoweverNew) {
  load_.Warm(now_);
  EXPECT_EQ(Cost(), 0);
}

}  // namespace
}  // namespace baliprocess::gateway
