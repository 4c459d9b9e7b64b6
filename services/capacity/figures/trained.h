// Numbers of the persons trained in a period, of all together and in groups.

#ifndef BALIPROCESS_SERVICES_CAPACITY_FIGURES_TRAINED_H_
#define BALIPROCESS_SERVICES_CAPACITY_FIGURES_TRAINED_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "services/capacity/figures/attendances.h"

namespace baliprocess::capacity {

// As they are, whoever may be told them.
struct TrainedNumbers {
  int64_t practitioners = 0;
  int64_t attendances = 0;  // of a person at an activity, however often it is listed there
  int64_t member_states = 0;
};
struct TrainedGroup {
  std::string key;  // as in PractitionerCounts.Group
  TrainedNumbers numbers;
};

// What persons are grouped by. Figures are of bodies, and activities are public, so these are
// groups too, though nobody asks for counts by them.
enum class Grouping { kMember, kArea, kActivityKind, kAgency, kBody, kActivity };

// Of everybody who was at an activity that is `wanted`.
using Wanted = std::function<bool(const AttendedActivity& activity)>;
TrainedNumbers TrainedInAll(
    const Attendances& attendances,
    const Wanted& wanted = [](const AttendedActivity&) { return true; });

// Of each group that has anybody, by key.
std::vector<TrainedGroup> TrainedInGroups(const Attendances& attendances, Grouping grouping);

// What the public may be told of a period, whatever it asks for, and in whatever order.
struct ForPublic {
  bool numbers = true;  // of groups; else only whether they are small
  bool total = true;
};
// `attendances` are all that are certainly in the period, with their agencies.
ForPublic JudgePeriod(const Attendances& attendances);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_TRAINED_H_
