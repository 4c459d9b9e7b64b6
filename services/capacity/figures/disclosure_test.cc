#include "services/capacity/figures/disclosure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

namespace baliprocess::capacity {
namespace {

using v1::Count;

// What each small group may be, for somebody who knows the total and which groups are small: every
// way to give the persons to the groups is tried.
std::vector<std::set<int64_t>> Conceivable(const std::vector<int64_t>& groups) {
  int64_t total = 0;
  for (const int64_t persons : groups) total += persons;
  std::vector<std::set<int64_t>> possible(groups.size());
  std::vector<int64_t> guess(groups.size());
  const std::function<void(size_t, int64_t)> give = [&](size_t next, int64_t remaining) {
    if (next == groups.size()) {
      if (remaining != 0) return;
      for (size_t i = 0; i < groups.size(); ++i) possible[i].insert(guess[i]);
      return;
    }
    const bool small = IsSmall(groups[next]);
    for (int64_t value = small ? 1 : 5; value <= (small ? 4 : remaining); ++value) {
      guess[next] = value;
      if (value <= remaining) give(next + 1, remaining - value);
    }
  };
  give(0, total);
  return possible;
}

TEST(Disclosure, KnowsWhatIsSmall) {
  EXPECT_FALSE(AnySmall({5, 100}, 105));
  EXPECT_FALSE(AnySmall({}, 0));
  EXPECT_TRUE(AnySmall({4, 100}, 104));
  // Three attended nothing but what isn't of the first group.
  EXPECT_TRUE(AnySmall({22, 20}, 25));
}

TEST(Disclosure, WithholdsTheTotalWhereItWouldTell) {
  EXPECT_FALSE(TotalIsSafe({5, 1}));
  EXPECT_FALSE(TotalIsSafe({3}));
  EXPECT_FALSE(TotalIsSafe({1, 1}));
  EXPECT_TRUE(TotalIsSafe({2, 3}));
  EXPECT_TRUE(TotalIsSafe({100, 3, 9, 20}));
  EXPECT_TRUE(TotalIsSafe({5, 5}));
}

TEST(Disclosure, LeavesEverySmallNumberConceivable) {
  std::mt19937 random(20240502);
  int told = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<int64_t> groups(1 + random() % 5);
    for (int64_t& persons : groups) persons = 1 + static_cast<int64_t>(random() % 12);
    const auto conceivable = Conceivable(groups);
    bool all = true;
    for (size_t i = 0; i < groups.size(); ++i) {
      all = all && (!IsSmall(groups[i]) || conceivable[i] == std::set<int64_t>{1, 2, 3, 4});
    }
    EXPECT_EQ(TotalIsSafe(groups), all) << ::testing::PrintToString(groups);
    told += all ? 1 : 0;
  }
  EXPECT_GT(told, 200);
}

TEST(Disclosure, TellsCountsByThemselves) {
  EXPECT_EQ(UnlessSmall(0).disclosure(), Count::EXACT);
  EXPECT_EQ(UnlessSmall(4).disclosure(), Count::FEWER_THAN_FIVE);
  EXPECT_FALSE(UnlessSmall(4).has_value());
  EXPECT_EQ(UnlessSmall(5).value(), 5);
  EXPECT_EQ(Rounded(0).disclosure(), Count::EXACT);
  EXPECT_EQ(Rounded(4).disclosure(), Count::FEWER_THAN_FIVE);
  EXPECT_EQ(Rounded(5).disclosure(), Count::ROUNDED);
  EXPECT_EQ(Rounded(7).value(), 5);
  EXPECT_EQ(Rounded(8).value(), 10);
  EXPECT_EQ(Rounded(12).value(), 10);
  EXPECT_EQ(Banded(5).disclosure(), Count::FIVE_OR_MORE);
  EXPECT_FALSE(Banded(5).has_value());
  EXPECT_EQ(Banded(1).disclosure(), Count::FEWER_THAN_FIVE);
}

}  // namespace
}  // namespace baliprocess::capacity
