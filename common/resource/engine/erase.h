// Erasure of a person's data on request, the same for every resource that has such: its message has
// fields marked personal and an `erase_time`.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASE_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASE_H_

#include <google/protobuf/util/time_util.h>

#include "absl/status/status.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::resource {

// A custom method that erases the resource that its request, with a `name` and an `etag`, names:
// `engine.BindErasure(table, "EraseOfficial", Erase<v1::EraseOfficialRequest, v1::Official>)`.
template <typename Request, typename Resource>
absl::Status Erase(Scope& scope, const Request& request, Resource& reply) {
  // A deleted record is still a record of the person.
  RETURN_IF_ERROR(scope.GetAnyInto(request.name(), reply));
  RETURN_IF_ERROR(scope.CheckEtag(reply, request.etag()));
  if (reply.has_erase_time()) {
    return WrongState(reply.name(), "erased", "there is nothing left to erase");
  }
  *reply.mutable_erase_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(scope.now()));
  return scope.Erase(reply);
}

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASE_H_
