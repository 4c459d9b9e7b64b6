// The order in which records are imported.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_PLAN_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_PLAN_H_

#include <cstddef>
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

// The parent that all given records of the type have; any, where they have several.
std::string ParentOfAll(const ImportPlan& plan, const ResourceKind& kind);

// Whether the record at this place may be sent together with those that wait: of the same type and
// parent, not too many.
bool ComesTogether(const ImportPlan& plan, const std::vector<size_t>& waiting, size_t i);

// An error when records need each other in a circle. The records outlive the plan.
absl::StatusOr<ImportPlan> PlanImport(const std::vector<Record>& records);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_PLAN_H_
