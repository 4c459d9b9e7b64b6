// What the public may be told of numbers of persons: no count below five, and nothing from which
// one could be worked out.
//
// Groups can be taken from each other in too many ways to hide each small one by itself: one
// grouping refines another, a group less its neighbour leaves a few, the total less all others
// too. So either every number of a period can be told, as none is small in any grouping, or groups
// are told as "fewer than five" and "five or more" alone; and the total beside them only while each
// small group may have any number from one to four for all that is known.

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

// A count as the public is told it by itself: 0 and what isn't small as it is.
v1::Count UnlessSmall(int64_t value);

// A count of which the public is told whether it is small.
v1::Count Banded(int64_t value);

// A count that isn't told.
v1::Count Withheld();

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_DISCLOSURE_H_
