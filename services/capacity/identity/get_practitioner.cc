#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/base/status_macros.h"
#include "services/capacity/identity/methods.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {

absl::Status GetPractitioner(Scope& scope, const v1::GetPractitionerRequest& request,
                             v1::Practitioner& reply) {
  RETURN_IF_ERROR(scope.GetAnyInto(request.name(), reply));
  if (reply.merged_into().empty()) return absl::OkStatus();
  // Not by its own `survivor`: merges since it was deleted didn't change it.
  const std::string into = reply.merged_into();
  RETURN_IF_ERROR(scope.GetAnyInto(into, reply));
  const std::string person = PersonOf(reply);
  return person == into ? absl::OkStatus() : scope.GetAnyInto(person, reply);
}

}  // namespace baliprocess::capacity
