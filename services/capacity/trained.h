// Numbers of the persons trained in a period, of all together and in groups.

#ifndef BALIPROCESS_SERVICES_CAPACITY_TRAINED_H_
#define BALIPROCESS_SERVICES_CAPACITY_TRAINED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/resource/scope.h"
#include "services/capacity/figures.h"

namespace baliprocess::capacity {

using GroupBy = v1::CountPractitionersRequest::GroupBy;

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

// Of everybody, certainly in the period.
absl::StatusOr<TrainedNumbers> TrainedInAll(resource::Scope& scope, const Period& period);

// Of each group that has anybody, by key.
absl::StatusOr<std::vector<TrainedGroup>> TrainedInGroups(resource::Scope& scope,
                                                          const Period& period, GroupBy group_by);

// Whether the public may be told how many there are in all: whichever groups it asks for, too.
absl::StatusOr<bool> MayTellTotal(resource::Scope& scope, const Period& period);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_TRAINED_H_
