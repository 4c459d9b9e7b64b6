// The capacity-building service: its resource types, and its methods on a store.

#ifndef BALIPROCESS_SERVICES_CAPACITY_SERVICE_H_
#define BALIPROCESS_SERVICES_CAPACITY_SERVICE_H_

#include "absl/status/statusor.h"

#include "common/resource/engine/engine.h"
#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"

namespace baliprocess::capacity {

// Raise with every change of a filterable field or resource: see CONTRIBUTING.md.
inline constexpr int kSchemaVersion = 7;

// The resource types with their rules: one row each.
absl::StatusOr<resource::Registry> Resources();

// The service's methods. `engine`, of a registry of Resources(), outlives the table.
rpc::MethodTable Methods(resource::Engine& engine);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_SERVICE_H_
