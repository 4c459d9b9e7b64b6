#include "services/capacity/figures/disclosure.h"

#include <algorithm>
#include <numeric>

namespace baliprocess::capacity {
namespace {

using v1::Count;

constexpr int64_t kMostSmall = kLeastDisclosed - 1;

Count CountOf(Count::Disclosure disclosure) {
  Count count;
  count.set_disclosure(disclosure);
  return count;
}

}  // namespace

bool IsSmall(int64_t persons) { return persons > 0 && persons < kLeastDisclosed; }

bool AnySmall(const std::vector<int64_t>& groups, int64_t total) {
  return std::any_of(groups.begin(), groups.end(),
                     [&](int64_t persons) { return IsSmall(persons) || IsSmall(total - persons); });
}

bool TotalIsSafe(const std::vector<int64_t>& groups) {
  const int64_t small = std::count_if(groups.begin(), groups.end(), IsSmall);
  if (small == 0) return true;
  const int64_t large = static_cast<int64_t>(groups.size()) - small;
  const int64_t persons = std::accumulate(groups.begin(), groups.end(), int64_t{0});
  // One of the small ones against the others, which have one to four, or five at least.
  const int64_t least_of_others = (small - 1) + kLeastDisclosed * large;
  const int64_t most_of_others = kMostSmall * (small - 1);
  const bool may_be_four = persons - kMostSmall >= least_of_others;
  const bool may_be_one = large > 0 || persons - 1 <= most_of_others;
  return may_be_four && may_be_one;
}

Count Exactly(int64_t value) {
  Count count = CountOf(Count::EXACT);
  count.set_value(value);
  return count;
}

Count UnlessSmall(int64_t value) {
  return IsSmall(value) ? CountOf(Count::FEWER_THAN_FIVE) : Exactly(value);
}

Count Rounded(int64_t value) {
  if (value < kLeastDisclosed) return UnlessSmall(value);
  Count count = CountOf(Count::ROUNDED);
  count.set_value((value + kLeastDisclosed / 2) / kLeastDisclosed * kLeastDisclosed);
  return count;
}

Count Banded(int64_t value) {
  if (value == 0) return Exactly(value);
  return CountOf(IsSmall(value) ? Count::FEWER_THAN_FIVE : Count::FIVE_OR_MORE);
}

Count Withheld() { return CountOf(Count::WITHHELD); }

}  // namespace baliprocess::capacity
