// The method Search, the same for every service.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_SEARCH_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_SEARCH_H_

#include "common/resource/engine/engine.h"
#include "common/rpc/service.h"

namespace baliprocess::resource {

// Adds the method to the table. Who calls it finds resources of the types that it may list.
void BindSearch(Engine& engine, rpc::MethodTable& table);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_SEARCH_H_
