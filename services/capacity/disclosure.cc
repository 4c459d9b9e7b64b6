#include "services/capacity/disclosure.h"

#include <algorithm>
#include <numeric>

namespace baliprocess::capacity {
namespace {

using v1::Count;

constexpr int64_t kMostSmall = kLeastDisclosed - 1;

// What somebody knows who takes what is told from the total: so many small groups (1 to 4 persons)
// and so many withheld ones (5 at least) have so many persons together.
struct Hidden {
  int64_t small = 0;
  int64_t withheld = 0;
  int64_t persons = 0;

  // Whether a small group may have any number from 1 to 4, for all that is known.
  bool IsSafe() const {
    if (small == 0) return true;
    const int64_t least_of_others = (small - 1) + kLeastDisclosed * withheld;
    const int64_t most_of_others = kMostSmall * (small - 1);
    const bool may_be_four = persons - kMostSmall >= least_of_others;
    const bool may_be_one = withheld > 0 || persons - 1 <= most_of_others;
    return may_be_four && may_be_one;
  }
  Hidden Withholding(int64_t more) const { return {small, withheld + 1, persons + more}; }
};

// The smallest group that makes what is hidden safe, or else the largest; `end` when all are
// hidden.
size_t ToWithhold(const std::vector<int64_t>& persons, const std::vector<size_t>& by_size,
                  const Disclosure& disclosure, const Hidden& hidden) {
  size_t largest = persons.size();
  for (const size_t group : by_size) {
    if (disclosure.groups[group] != Count::EXACT) continue;
    if (hidden.Withholding(persons[group]).IsSafe()) return group;
    largest = group;
  }
  return largest;
}

Count CountOf(Count::Disclosure disclosure, int64_t value) {
  Count count;
  count.set_disclosure(disclosure);
  count.set_value(value);
  return count;
}

}  // namespace

Disclosure Judge(const std::vector<int64_t>& persons) {
  Disclosure disclosure{std::vector<Count::Disclosure>(persons.size(), Count::EXACT)};
  Hidden hidden;
  for (size_t group = 0; group < persons.size(); ++group) {
    if (persons[group] >= kLeastDisclosed) continue;
    disclosure.groups[group] = Count::FEWER_THAN_FIVE;
    ++hidden.small;
    hidden.persons += persons[group];
  }
  std::vector<size_t> by_size(persons.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](size_t a, size_t b) { return persons[a] < persons[b]; });
  while (!hidden.IsSafe()) {
    const size_t group = ToWithhold(persons, by_size, disclosure, hidden);
    if (group == persons.size()) {
      disclosure.total = false;
      break;
    }
    disclosure.groups[group] = Count::WITHHELD;
    hidden = hidden.Withholding(persons[group]);
  }
  return disclosure;
}

Count Exactly(int64_t value) { return CountOf(Count::EXACT, value); }

Count UnlessSmall(int64_t value) {
  if (value == 0 || value >= kLeastDisclosed) return Exactly(value);
  return CountOf(Count::FEWER_THAN_FIVE, 0);
}

Count Withheld() { return CountOf(Count::WITHHELD, 0); }

}  // namespace baliprocess::capacity
