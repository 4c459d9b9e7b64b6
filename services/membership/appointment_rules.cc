#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/official.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using resource::ChangeOf;
using resource::Scope;
using v1::Appointment;

// A member gives posts to its own officials alone: a body's composition shows them.
absl::Status CheckOwnOfficial(Scope& scope, const ChangeOf<Appointment>& change) {
  if (scope.caller().Has(api::v1::Access::SECRETARIAT)) return absl::OkStatus();
  const std::string name = resource::ParentOf(change.after.name());
  ASSIGN_OR_RETURN(const v1::Official official, scope.Require<v1::Official>(name));
  if (official.member() == scope.caller().member) return absl::OkStatus();
  return RuleBroken("official_of_another",
                    absl::StrCat(name, " isn't an official of ", scope.caller().member), name);
}

absl::Status Check(Scope& scope, const ChangeOf<Appointment>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  RETURN_IF_ERROR(CheckOwnOfficial(scope, change));
  const Appointment& appointment = change.after;
  ASSIGN_OR_RETURN(const v1::Body body, scope.Require<v1::Body>(appointment.body()));
  return CheckWithinLife(body, appointment.term(), appointment.name());
}

}  // namespace

resource::Rules AppointmentRules() { return resource::RulesOf<Appointment>(nullptr, Check); }

}  // namespace baliprocess::membership
