// Upkeep of a service's record (common/v1/upkeep.proto): the same methods for every service.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_UPKEEP_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_UPKEEP_H_

#include "common/resource/engine/engine.h"
#include "common/rpc/service.h"

namespace baliprocess::resource {

// Adds ListDanglingReferences, PurgeDeleted and EraseNames.
void BindUpkeep(Engine& engine, rpc::MethodTable& table);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_UPKEEP_H_
