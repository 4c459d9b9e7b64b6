#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/official.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/erase.h"
#include "services/membership/methods.h"

namespace baliprocess::membership {

using resource::Scope;

// The titles of an official's posts tell who it is, in deleted appointments too.
absl::Status EraseOfficial(Scope& scope, const v1::EraseOfficialRequest& request,
                           v1::Official& reply) {
  RETURN_IF_ERROR(resource::Erase(scope, request, reply));
  ASSIGN_OR_RETURN(const auto rows,
                   scope.tx().Query("SELECT name FROM appointments WHERE parent = ? ORDER BY name",
                                    {reply.name()}));
  for (const storage::Row& row : rows) {
    v1::Appointment appointment;
    RETURN_IF_ERROR(scope.GetAnyInto(storage::AsText(row[0]), appointment));
    RETURN_IF_ERROR(scope.Erase(appointment));
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::membership
