#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/participation.pb.h"
#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/capacity/figures/figures.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using membership::v1::Member;
using resource::ChangeKind;
using resource::ChangeOf;
using resource::ParentOf;
using resource::Scope;
using v1::Participation;
using v1::Practitioner;

void Validate(const Participation& participation, std::string_view prefix, Violations& violations) {
  ValidateRestricted(participation.visibility(), prefix, violations);
}

// A practitioner takes part in an activity once. A person entered twice may have, which comes to
// light when the two are merged, and counts once from then on; an import brings both again, in any
// order, after the merge. Asked for by the practitioner alone: an activity may have many thousands
// of participations, and a store that looked through them for each new one would take hours.
absl::Status CheckOnlyOnce(Scope& scope, const Participation& participation) {
  const std::string activity = ParentOf(participation.name());
  ASSIGN_OR_RETURN(const auto others, scope.Where<Participation>(
                                          "practitioner = ? AND name <> ?",
                                          {participation.practitioner(), participation.name()}));
  for (const Participation& other : others) {
    if (ParentOf(other.name()) != activity) continue;
    return RuleBroken("takes_part_already",
                      absl::StrCat(participation.practitioner(), " takes part as ", other.name()),
                      other.name());
  }
  return absl::OkStatus();
}

// Kept as it was when the practitioner was sent.
absl::Status SetSender(Scope& scope, const ChangeOf<Participation>& change) {
  Participation& after = change.after;
  const Participation* const before = change.before;
  if (before != nullptr && before->member() == after.member()) return absl::OkStatus();
  const auto member = scope.GetOfPeer<Member>(after.member());
  if (ReasonOf(member.status()) == api::v1::Error::RESOURCE_NOT_FOUND) {
    return ReferenceNotFound(change.FieldPath("member"), after.member());
  }
  RETURN_IF_ERROR(member.status());
  after.set_from_state(member->kind() == Member::STATE);
  return absl::OkStatus();
}

absl::Status Check(Scope& scope, const ChangeOf<Participation>& change) {
  if (change.kind == ChangeKind::kDelete) return absl::OkStatus();
  Participation& after = change.after;
  if (after.role() == Participation::ROLE_UNSPECIFIED) after.set_role(Participation::TRAINEE);
  if (after.attendance() == Participation::ATTENDANCE_UNSPECIFIED) {
    after.set_attendance(Participation::ATTENDED);
  }
  ASSIGN_OR_RETURN(const Practitioner practitioner,
                   scope.Require<Practitioner>(after.practitioner()));
  if (after.member().empty()) after.set_member(practitioner.member());
  // Records of before it was kept that none was known have no agency, and stay so.
  const bool left_out = change.before == nullptr || change.before->has_agency();
  if (left_out && !after.has_agency()) after.set_agency(practitioner.agency());
  RETURN_IF_ERROR(SetSender(scope, change));
  return change.replaced() != nullptr ? absl::OkStatus() : CheckOnlyOnce(scope, after);
}

}  // namespace

resource::Rules ParticipationRules() {
  resource::Rules rules = resource::RulesOf<Participation>(Validate, Check);
  rules.indexes = {{"trained", kTrainedIndex}};
  return rules;
}

}  // namespace baliprocess::capacity
