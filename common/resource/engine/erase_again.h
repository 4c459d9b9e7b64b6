// What the list of erasures says of resources, done again to a store that was set back.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASE_AGAIN_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASE_AGAIN_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::resource {

// Erases a resource, as `erased` says, if it is there. A resource that is to be removed is left
// when it came back to life after `erase_time`: the erasure came to nothing then.
// STILL_REFERENCED when a live one refers to it, or any is below it. FAILED_PRECONDITION when this
// program doesn't know its type, or how it was erased.
absl::Status EraseResourceAgain(Scope& scope, const operate::v1::ListedErasure::Erased& erased,
                                const google::protobuf::Timestamp& erase_time);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASE_AGAIN_H_
