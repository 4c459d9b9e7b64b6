#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/resource/engine/erase.h"
#include "services/capacity/identity/methods.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {

// All records of the person: what was merged identifies it as well, deleted or not.
absl::Status ErasePractitioner(Scope& scope, const v1::ErasePractitionerRequest& request,
                               v1::Practitioner& reply) {
  RETURN_IF_ERROR(resource::Erase(scope, request, reply));
  const std::string person = PersonOf(reply);
  ASSIGN_OR_RETURN(const auto rows,
                   scope.tx().Query("SELECT name FROM practitioners WHERE name = ? OR survivor = ?",
                                    {person, person}));
  for (const storage::Row& row : rows) {
    v1::Practitioner other;
    RETURN_IF_ERROR(scope.GetAnyInto(storage::AsText(row[0]), other));
    if (other.has_erase_time()) continue;
    *other.mutable_erase_time() = reply.erase_time();
    RETURN_IF_ERROR(scope.Erase(other));
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
