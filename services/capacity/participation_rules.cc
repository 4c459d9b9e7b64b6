#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/names.h"
#include "services/capacity/rules.h"

namespace baliprocess::capacity {
namespace {

using membership::v1::Member;
using resource::ParentOf;
using resource::Scope;
using v1::Participation;
using v1::Practitioner;

void Validate(const Participation& participation, std::string_view prefix, Violations& violations) {
  ValidateRestricted(participation.visibility(), prefix, violations);
}

// A person takes part in an activity once. Persons entered twice may have: that comes to light, and
// counts once, when they are merged; what stood then may be deleted and undeleted.
absl::Status CheckOnlyOnce(Scope& scope, const Participation& participation,
                           const std::string& of_the_person, std::vector<storage::Value> params) {
  params.insert(params.end(), {ParentOf(participation.name()), participation.name()});
  ASSIGN_OR_RETURN(const auto others,
                   scope.Where<Participation>(
                       absl::StrCat(of_the_person, " AND parent = ? AND name <> ?"), params));
  if (others.empty()) return absl::OkStatus();
  return RuleBroken("takes_part_already",
                    absl::StrCat(participation.practitioner(), " takes part as ", others[0].name()),
                    others[0].name());
}

// Kept as it was when the practitioner was sent.
absl::Status SetSender(Scope& scope, const Participation* before, Participation& after) {
  if (before != nullptr && before->member() == after.member()) return absl::OkStatus();
  const auto member = scope.GetOfPeer<Member>(after.member());
  if (ReasonOf(member.status()) == api::v1::RESOURCE_NOT_FOUND) {
    return ReferenceNotFound("participation.member", after.member());
  }
  RETURN_IF_ERROR(member.status());
  after.set_from_state(member->kind() == Member::STATE);
  return absl::OkStatus();
}

absl::Status Check(Scope& scope, const Participation* before, Participation& after) {
  if (after.role() == Participation::ROLE_UNSPECIFIED) after.set_role(Participation::TRAINEE);
  if (after.attendance() == Participation::ATTENDANCE_UNSPECIFIED) {
    after.set_attendance(Participation::ATTENDED);
  }
  ASSIGN_OR_RETURN(const Practitioner practitioner,
                   scope.Require<Practitioner>(after.practitioner()));
  if (after.member().empty()) after.set_member(practitioner.member());
  if (before == nullptr && after.agency().empty()) after.set_agency(practitioner.agency());
  RETURN_IF_ERROR(SetSender(scope, before, after));
  if (before == nullptr) {
    const std::string person = PersonOf(practitioner);
    return CheckOnlyOnce(scope, after, absl::StrCat("practitioner IN (", kSamePerson, ")"),
                         {person, person});
  }
  if (!before->has_delete_time()) return absl::OkStatus();
  return CheckOnlyOnce(scope, after, "practitioner = ?", {after.practitioner()});
}

}  // namespace

resource::Rules ParticipationRules() { return resource::RulesOf<Participation>(Validate, Check); }

}  // namespace baliprocess::capacity
