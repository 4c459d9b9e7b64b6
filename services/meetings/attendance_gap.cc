#include <map>
#include <string>

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using membership::v1::Composition;
using v1::AttendanceGap;
using v1::Delegation;

bool WasThere(const Delegation& delegation) {
  return delegation.attendance() == Delegation::PRESENT ||
         delegation.attendance() == Delegation::REMOTE;
}

}  // namespace

absl::Status GetAttendanceGap(Scope& scope, const v1::GetAttendanceGapRequest& request,
                              AttendanceGap& reply) {
  ASSIGN_OR_RETURN(const v1::Meeting meeting, scope.Get<v1::Meeting>(request.meeting()));
  reply.set_meeting(meeting.name());
  *reply.mutable_as_of() = meeting.has_start_date() ? meeting.start_date() : DayOf(scope.now());
  // To those outside nothing of it can be seen: that nobody was there would be a wrong answer.
  ASSIGN_OR_RETURN(const bool inside, scope.SeesInto(meeting));
  if (!inside) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const auto delegations,
      scope.VisibleWhere<Delegation>("parent = ? AND participant_member <> ''", {meeting.name()}));
  std::map<std::string, const Delegation*> by_member;
  for (const Delegation& delegation : delegations) {
    by_member[delegation.participant().member()] = &delegation;
  }
  ASSIGN_OR_RETURN(const Composition composition,
                   CompositionOf(scope, meeting.body(), reply.as_of()));
  for (const Composition::Entry& belonging : composition.entries()) {
    if (belonging.membership() == Composition::NOT_MEMBER) continue;
    const bool certain = belonging.membership() == Composition::IS_MEMBER;
    const auto found = by_member.find(belonging.member());
    const Delegation* delegation = found == by_member.end() ? nullptr : found->second;
    if (delegation != nullptr && WasThere(*delegation)) {
      reply.set_present_count(reply.present_count() + (certain ? 1 : 0));
      continue;
    }
    AttendanceGap::Entry& missing = *reply.add_missing();
    missing.set_member(belonging.member());
    missing.set_display_name(belonging.display_name());
    missing.set_belonged(certain ? common::v1::Truth::YES : common::v1::Truth::UNKNOWN);
    if (delegation == nullptr) continue;
    missing.set_delegation(delegation->name());
    missing.set_attendance(delegation->attendance());
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::meetings
