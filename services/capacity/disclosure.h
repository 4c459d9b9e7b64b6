// What the public may be told of numbers of persons: no count below five, and nothing from which
// one could be worked out.
//
// Besides the counts below five themselves ("fewer than five"), further groups are withheld where
// the total less what is told would give them away, and the total where that doesn't suffice. What
// is left can always be explained by each number from one to four in each such group.

#ifndef BALIPROCESS_SERVICES_CAPACITY_DISCLOSURE_H_
#define BALIPROCESS_SERVICES_CAPACITY_DISCLOSURE_H_

#include <cstdint>
#include <vector>

#include "baliprocess/capacity/v1/figures.pb.h"

namespace baliprocess::capacity {

// The least number that is told.
inline constexpr int64_t kLeastDisclosed = 5;

// How the numbers of groups and their total may be told.
struct Disclosure {
  std::vector<v1::Count::Disclosure> groups;  // in the order given
  bool total = true;                          // whether the total may be told beside them
};

// Judges groups of so many persons each, none of them 0.
Disclosure Judge(const std::vector<int64_t>& persons);

// A count that everybody may be told.
v1::Count Exactly(int64_t value);

// A count of persons or of what they do, as the public is told it by itself: 0 and what isn't small
// as it is.
v1::Count UnlessSmall(int64_t value);

// A count that isn't told.
v1::Count Withheld();

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_DISCLOSURE_H_
