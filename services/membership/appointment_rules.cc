#include <string>

#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

absl::Status Check(resource::Scope& scope, const v1::Appointment*, v1::Appointment& appointment) {
  ASSIGN_OR_RETURN(const v1::Body body, scope.Require<v1::Body>(appointment.body()));
  return CheckWithinLife(body, appointment.term(), appointment.name());
}

}  // namespace

resource::Rules AppointmentRules() { return resource::RulesOf<v1::Appointment>(nullptr, Check); }

}  // namespace baliprocess::membership
