// Get, List and BatchGet (AIP-131, 132, 231) of a resource type.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDARD_READS_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDARD_READS_H_

#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"

namespace baliprocess::resource {

class Engine;

// Adds those of the methods that the table's service declares.
void BindReads(Engine& engine, const ResourceType& type, rpc::MethodTable& table);

// The most resources of a page, and how many when the request doesn't say (AIP-158).
inline constexpr int kMaxPageSize = 1000;
inline constexpr int kDefaultPageSize = 100;

// The page size to use for a request's `page_size`, which isn't negative.
int PageSizeOf(int requested);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_STANDARD_READS_H_
