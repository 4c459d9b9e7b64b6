// The order in which records are imported.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_PLAN_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "services/balictl/client/data_directory.h"

namespace baliprocess::balictl {

// What is to be imported, in this order: each record after what it needs. Records of one type that
// don't need each other come together, so that they can be created together.
struct ImportPlan {
  std::vector<const Record*> records;
  std::vector<std::vector<std::string>> needs;  // of each
};

// An error when records need each other in a circle. The records outlive the plan.
absl::StatusOr<ImportPlan> PlanImport(const std::vector<Record>& records);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_PLAN_H_
