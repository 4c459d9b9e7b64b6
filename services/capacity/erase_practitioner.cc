#include <google/protobuf/util/time_util.h>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/capacity/methods.h"

namespace baliprocess::capacity {

absl::Status ErasePractitioner(Scope& scope, const v1::ErasePractitionerRequest& request,
                               v1::Practitioner& reply) {
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

}  // namespace baliprocess::capacity
