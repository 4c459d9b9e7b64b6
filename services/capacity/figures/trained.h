// Numbers of the persons trained in a period, of all together and in groups.

#ifndef BALIPROCESS_SERVICES_CAPACITY_FIGURES_TRAINED_H_
#define BALIPROCESS_SERVICES_CAPACITY_FIGURES_TRAINED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/resource/engine/scope.h"
#include "services/capacity/figures/figures.h"

namespace baliprocess::capacity {

// As they are, whoever may be told them.
struct TrainedNumbers {
  int64_t practitioners = 0;
  int64_t attendances = 0;
  int64_t member_states = 0;
};
struct TrainedGroup {
  std::string key;  // as in PractitionerCounts.Group
  TrainedNumbers numbers;
};

// What persons are grouped by. Figures are of bodies, and activities are public, so these are
// groups too, though nobody asks for counts by them.
enum class Grouping { kMember, kArea, kActivityKind, kAgency, kBody, kActivity };

// Of everybody, certainly in the period.
absl::StatusOr<TrainedNumbers> TrainedInAll(resource::Scope& scope, const Period& period);

// Of each group that has anybody, by key.
absl::StatusOr<std::vector<TrainedGroup>> TrainedInGroups(resource::Scope& scope,
                                                          const Period& period, Grouping grouping);

// What the public may be told of a period, whatever it asks for, and in whatever order.
struct ForPublic {
  bool numbers = true;  // of groups; else only whether they are small
  bool total = true;
};
absl::StatusOr<ForPublic> JudgePeriod(resource::Scope& scope, const Period& period);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_TRAINED_H_
