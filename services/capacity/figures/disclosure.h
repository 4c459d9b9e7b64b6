// What the public may be told of numbers of persons: no count below five, and nothing from which
// one could be worked out.
//
// It isn't enough to hide each small number by itself. Of 12 persons, 10 from Java and 2 from Bali,
// the 2 is known from the total and the 10 alone. Nor is it enough that one answer keeps them: of 6
// persons today and 9 tomorrow, 3 came in between. So there are three rules:
//   1. If no number of a period is small in any grouping, all are told. Otherwise groups are told
//      as "fewer than five" or "five or more" alone.
//   2. The total is told beside such groups only if each small group could have any number from one
//      to four as far as the public knows.
//   3. What is told of persons is rounded to a multiple of five.

#ifndef BALIPROCESS_SERVICES_CAPACITY_FIGURES_DISCLOSURE_H_
#define BALIPROCESS_SERVICES_CAPACITY_FIGURES_DISCLOSURE_H_

#include <cstdint>
#include <vector>

#include "baliprocess/capacity/v1/figures.pb.h"

namespace baliprocess::capacity {

// The least number that is told.
inline constexpr int64_t kLeastDisclosed = 5;

// Whether a number of persons is too small to be told.
bool IsSmall(int64_t persons);

// Whether a group, or all but a group, is small, of groups of so many persons among `total`.
bool AnySmall(const std::vector<int64_t>& groups, int64_t total);

// Whether the total may be told beside groups that are told as small or not: whoever gives the
// persons to the groups can give each small one any number from 1 to 4.
bool TotalIsSafe(const std::vector<int64_t>& groups);

// A count that everybody may be told.
v1::Count Exactly(int64_t value);

// A count of things, such as states, as the public is told it: 0 and what isn't small as it is.
v1::Count UnlessSmall(int64_t value);

// A count of persons as the public is told it: 0 as it is, from five on the nearest multiple of
// five.
v1::Count Rounded(int64_t value);

// A count of which the public is told whether it is small.
v1::Count Banded(int64_t value);

// A count that isn't told.
v1::Count Withheld();

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_DISCLOSURE_H_
