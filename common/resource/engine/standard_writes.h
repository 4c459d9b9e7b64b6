// Create, Update, Delete, Undelete and BatchCreate (AIP-133, 134, 135, 164, 233) of a resource
// type.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDARD_WRITES_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDARD_WRITES_H_

#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"

namespace baliprocess::resource {

class Engine;

// Adds those of the methods that the table's service declares.
void BindWrites(Engine& engine, const ResourceType& type, rpc::MethodTable& table);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDARD_WRITES_H_
