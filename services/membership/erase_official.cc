#include <google/protobuf/util/time_util.h>

#include "common/base/errors.h"
#include "services/membership/methods.h"

namespace baliprocess::membership {

absl::Status EraseOfficial(resource::Scope& scope, const v1::EraseOfficialRequest& request,
                           v1::Official& reply) {
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

}  // namespace baliprocess::membership
