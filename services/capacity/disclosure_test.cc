#include "services/capacity/disclosure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

namespace baliprocess::capacity {
namespace {

using ::testing::ElementsAre;
using v1::Count;

constexpr auto kExact = Count::EXACT;
constexpr auto kFew = Count::FEWER_THAN_FIVE;
constexpr auto kWithheld = Count::WITHHELD;

// What each small group may be, for somebody who takes what is told from the total: every way to
// give the hidden persons to the hidden groups is tried.
std::vector<std::set<int64_t>> Conceivable(const std::vector<int64_t>& persons,
                                           const Disclosure& disclosure) {
  std::vector<size_t> hidden;
  int64_t left = 0;
  for (size_t i = 0; i < persons.size(); ++i) {
    if (disclosure.groups[i] == kExact) continue;
    hidden.push_back(i);
    left += persons[i];
  }
  std::vector<std::set<int64_t>> possible(persons.size());
  std::vector<int64_t> guess(persons.size());
  const std::function<void(size_t, int64_t)> give = [&](size_t next, int64_t remaining) {
    if (next == hidden.size()) {
      if (remaining != 0) return;
      for (const size_t i : hidden) possible[i].insert(guess[i]);
      return;
    }
    const bool small = disclosure.groups[hidden[next]] == kFew;
    for (int64_t value = small ? 1 : 5; value <= (small ? 4 : remaining); ++value) {
      guess[hidden[next]] = value;
      if (value <= remaining) give(next + 1, remaining - value);
    }
  };
  give(0, left);
  return possible;
}

TEST(Disclosure, TellsWhatIsLargeEnough) {
  EXPECT_THAT(Judge({5, 100}).groups, ElementsAre(kExact, kExact));
  EXPECT_TRUE(Judge({}).total);
}

TEST(Disclosure, WithholdsTheSmallestGroupThatHidesASmallOne) {
  EXPECT_THAT(Judge({100, 3, 9, 20}).groups, ElementsAre(kExact, kFew, kWithheld, kExact));
  EXPECT_TRUE(Judge({100, 3, 9, 20}).total);
}

TEST(Disclosure, WithholdsTheTotalWhereNothingElseHelps) {
  EXPECT_FALSE(Judge({5, 1}).total);
  EXPECT_FALSE(Judge({3}).total);
  EXPECT_FALSE(Judge({1, 1}).total);
  EXPECT_TRUE(Judge({2, 3}).total);
}

TEST(Disclosure, LeavesEverySmallNumberConceivable) {
  std::mt19937 random(20240502);
  for (int round = 0; round < 2000; ++round) {
    std::vector<int64_t> persons(1 + random() % 6);
    for (int64_t& group : persons) group = 1 + static_cast<int64_t>(random() % 12);
    const Disclosure disclosure = Judge(persons);
    const auto conceivable = Conceivable(persons, disclosure);
    for (size_t i = 0; i < persons.size(); ++i) {
      EXPECT_EQ(persons[i] < 5, disclosure.groups[i] == kFew);
      if (disclosure.groups[i] == kFew && disclosure.total) {
        EXPECT_THAT(conceivable[i], ElementsAre(1, 2, 3, 4)) << ::testing::PrintToString(persons);
      }
    }
  }
}

TEST(Disclosure, TellsCountsByThemselves) {
  EXPECT_EQ(UnlessSmall(0).disclosure(), kExact);
  EXPECT_EQ(UnlessSmall(4).disclosure(), kFew);
  EXPECT_EQ(UnlessSmall(4).value(), 0);
  EXPECT_EQ(UnlessSmall(5).value(), 5);
}

}  // namespace
}  // namespace baliprocess::capacity
