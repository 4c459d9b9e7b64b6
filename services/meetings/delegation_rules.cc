#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "common/base/term.h"
#include "common/resource/contract/names.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using membership::v1::Composition;
using membership::v1::Member;
using resource::ChangeKind;
using resource::ChangeOf;
using resource::ChangeOrigin;
using resource::Scope;
using v1::Delegation;
using v1::Meeting;

void Validate(const Delegation& delegation, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  const bool overridden = delegation.capacity_override() != Delegation::CAPACITY_UNSPECIFIED;
  if (overridden && delegation.override_reason().empty()) {
    violations.Add(path + ".override_reason", "is required with a capacity_override");
  }
  if (!overridden && !delegation.override_reason().empty()) {
    violations.Add(path + ".override_reason", "must be empty without a capacity_override");
  }
  if (delegation.capacity_override() == Delegation::UNDETERMINED) {
    violations.Add(path + ".capacity_override", "must decide what the participant takes part as");
  }
}

// Whether a member was an observer of the forum on a day: now, or before it became something else.
// One whose admission isn't dated was always what it is.
Truth WasObserver(const Member& member, const DayRange& day) {
  const auto standing = [&](Member::Category category, const common::v1::Term& term) {
    return category == Member::OBSERVER ? Within(day, DaysOf(term)) : Truth::kFalse;
  };
  Truth observer = standing(member.category(), member.term());
  for (const Member::EarlierStanding& earlier : member.earlier_standings()) {
    observer = Or(observer, standing(earlier.category(), earlier.term()));
  }
  return observer;
}

absl::Status CheckOnlyOne(Scope& scope, const Delegation& delegation) {
  const common::v1::Party& party = delegation.participant();
  ASSIGN_OR_RETURN(
      const auto others,
      scope.Where<Delegation>(
          "parent = ? AND participant_member = ? AND participant_body = ? AND "
          "participant_external_forum = ? AND participant_display_name = ? AND name <> ?",
          {resource::ParentOf(delegation.name()), party.member(), party.body(),
           party.external_forum(), party.display_name(), delegation.name()}));
  if (others.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string name, scope.NameIfSeen(others[0]));
  return RuleBroken("participant_taken", absl::StrCat("the participant has a delegation: ", name),
                    name);
}

// What a member may say of its own delegation. One that wasn't there begins as an empty one.
absl::Status CheckGiven(const ChangeOf<Delegation>& change) {
  const Delegation& before =
      change.replaced() != nullptr ? *change.replaced() : Delegation::default_instance();
  const Delegation& after = change.after;
  if (after.capacity_override() != before.capacity_override() ||
      after.override_reason() != before.override_reason()) {
    return InvalidField(change.FieldPath("capacity_override"), "is set by the secretariat alone");
  }
  if (after.attendance() != before.attendance() && after.attendance() != Delegation::APOLOGIES) {
    return InvalidField(change.FieldPath("attendance"),
                        "may be set to APOLOGIES by the member; the rest is the secretariat's");
  }
  if (after.visibility() != before.visibility() && after.visibility() > kMostHiddenByMember) {
    return InvalidField(change.FieldPath("visibility"),
                        "is at most MEMBERS, unless the secretariat says otherwise");
  }
  return absl::OkStatus();
}

// What the secretariat has recorded of a delegation doesn't go with it: a member could make another
// in its place.
absl::Status CheckNothingRecorded(const Delegation& delegation) {
  const bool judged = delegation.credentials() == Delegation::ACCEPTED ||
                      delegation.credentials() == Delegation::RETURNED;
  const bool attended = delegation.attendance() != Delegation::ATTENDANCE_UNSPECIFIED &&
                        delegation.attendance() != Delegation::APOLOGIES;
  if (!judged && !attended && delegation.capacity_override() == Delegation::CAPACITY_UNSPECIFIED) {
    return absl::OkStatus();
  }
  return WrongState(delegation.name(), "RECORDED",
                    "only the secretariat deletes what it has recorded something of");
}

absl::Status CheckMember(const Meeting& meeting, const ChangeOf<Delegation>& change) {
  RETURN_IF_ERROR(CheckStillOpen(meeting));
  if (change.kind == ChangeKind::kDelete) return CheckNothingRecorded(*change.before);
  // An undelete gives no fields: it brings back what was recorded.
  const bool given =
      change.origin == ChangeOrigin::kRequest && change.kind != ChangeKind::kUndelete;
  return given ? CheckGiven(change) : absl::OkStatus();
}

absl::Status Check(Scope& scope, const ChangeOf<Delegation>& change) {
  Delegation& after = change.after;
  ASSIGN_OR_RETURN(const Meeting meeting, scope.Require<Meeting>(resource::ParentOf(after.name())));
  if (change.kind != ChangeKind::kDelete) {
    RETURN_IF_ERROR(CheckOnlyOne(scope, after));
    if (after.credentials() == Delegation::CREDENTIALS_UNSPECIFIED) {
      after.set_credentials(Delegation::NOT_SUBMITTED);
    }
  }
  if (!scope.caller().Has(api::v1::Access::SECRETARIAT)) {
    RETURN_IF_ERROR(CheckMember(meeting, change));
  }
  if (change.kind == ChangeKind::kDelete) return absl::OkStatus();
  const Delegation* const replaced = change.replaced();
  if (replaced != nullptr && replaced->capacity_override() == after.capacity_override()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto capacity, CapacityOf(scope, meeting, after));
  after.set_capacity(capacity);
  return absl::OkStatus();
}

}  // namespace

resource::Rules DelegationRules() {
  resource::Rules rules = resource::RulesOf<Delegation>(Validate, Check);
  rules.split = SplitDelegates;
  return rules;
}

absl::Status CheckStillOpen(const Meeting& meeting) {
  if (meeting.state() != Meeting::CONCLUDED && meeting.state() != Meeting::CANCELLED) {
    return absl::OkStatus();
  }
  return WrongState(meeting.name(), Meeting::State_Name(meeting.state()),
                    "only the secretariat changes its delegations");
}

absl::StatusOr<Delegation::Capacity> CapacityOf(Scope& scope, const Meeting& meeting,
                                                const Delegation& delegation) {
  if (delegation.capacity_override() != Delegation::CAPACITY_UNSPECIFIED) {
    return delegation.capacity_override();
  }
  if (!delegation.participant().body().empty()) return Delegation::BODY;
  const std::string& name = delegation.participant().member();
  if (name.empty()) return Delegation::GUEST;
  if (!meeting.has_start_date()) return Delegation::UNDETERMINED;
  ASSIGN_OR_RETURN(const Composition composition,
                   CompositionOf(scope, meeting.body(), meeting.start_date()));
  for (const Composition::Entry& entry : composition.entries()) {
    if (entry.member() != name) continue;
    if (entry.membership() == Composition::IS_MEMBER) return Delegation::BODY_MEMBER;
    if (entry.membership() == Composition::UNKNOWN) return Delegation::UNDETERMINED;
    if (entry.observer() == common::v1::Truth::YES) return Delegation::OBSERVER;
    if (entry.observer() == common::v1::Truth::UNKNOWN) return Delegation::UNDETERMINED;
  }
  ASSIGN_OR_RETURN(const Member member, scope.GetOfPeer<Member>(name));
  switch (WasObserver(member, DaysOf(meeting.start_date()))) {
    case Truth::kTrue:
      return Delegation::OBSERVER;
    case Truth::kFalse:
      return Delegation::GUEST;
    case Truth::kUnknown:
      break;
  }
  return Delegation::UNDETERMINED;
}

}  // namespace baliprocess::meetings
