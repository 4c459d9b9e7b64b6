#include "common/base/status_macros.h"
#include "services/capacity/methods.h"
#include "services/capacity/rules.h"

namespace baliprocess::capacity {

absl::Status GetPractitioner(Scope& scope, const v1::GetPractitionerRequest& request,
                             v1::Practitioner& reply) {
  RETURN_IF_ERROR(scope.GetAnyInto(request.name(), reply));
  if (reply.survivor().empty()) return absl::OkStatus();
  const std::string person = PersonOf(reply);
  return scope.GetAnyInto(person, reply);
}

}  // namespace baliprocess::capacity
