#include <map>
#include <string>
#include <vector>

#include "google/api/httpbody.pb.h"

#include "baliprocess/meetings/v1/calendar_link.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/query/filter.h"
#include "services/meetings/calendar.h"
#include "services/meetings/calendar_links.h"
#include "services/meetings/methods.h"

namespace baliprocess::meetings {
namespace {

using membership::v1::Body;
using v1::Meeting;

// What the bodies that meet are called; by their names in the record where membership doesn't tell
// the caller, or can't be reached.
absl::StatusOr<std::map<std::string, std::string>> BodiesOf(Scope& scope,
                                                            const std::vector<Meeting>& meetings) {
  std::map<std::string, std::string> called;
  absl::Status unanswered;
  for (const Meeting& meeting : meetings) {
    const auto [place, is_new] = called.try_emplace(meeting.body(), meeting.body());
    if (!is_new) continue;
    const auto body = scope.GetOfPeerIfReachable<Body>(meeting.body());
    if (resource::IsUnanswered(body.status())) {
      unanswered = body.status();  // go on: what must be asked for the others?
      continue;
    }
    RETURN_IF_ERROR(body.status());
    if (*body != nullptr) place->second = (*body)->display_name();
  }
  if (!unanswered.ok()) return unanswered;
  return called;
}

// Makes the calendar; names in `omissions`, where they are asked for, what it leaves out.
absl::Status Write(Scope& scope, const std::vector<Meeting>& meetings, CalendarWriter& calendar,
                   v1::Calendar* omitting) {
  ASSIGN_OR_RETURN(const auto bodies, BodiesOf(scope, meetings));
  for (const Meeting& meeting : meetings) {
    const v1::Calendar::Reason reason = calendar.Add(meeting, bodies.at(meeting.body()));
    if (reason == v1::Calendar::REASON_UNSPECIFIED || omitting == nullptr) continue;
    v1::Calendar::Omission& omission = *omitting->add_omissions();
    omission.set_meeting(meeting.name());
    omission.set_reason(reason);
  }
  return absl::OkStatus();
}

void Fill(const CalendarWriter& calendar, google::api::HttpBody& file) {
  file.set_content_type(std::string(kCalendarType));
  file.set_data(calendar.Finish());
}

}  // namespace

absl::Status ExportCalendar(const Settings& settings, Scope& scope,
                            const v1::ExportCalendarRequest& request, v1::Calendar& reply) {
  const resource::ResourceType& type = *scope.registry().Find(Meeting::descriptor());
  ASSIGN_OR_RETURN(
      const resource::Condition filter,
      resource::CompileFilter(request.filter(), type.columns, scope.caller().clearance()));
  ASSIGN_OR_RETURN(const auto meetings, scope.VisibleWhere<Meeting>(filter.sql, filter.params));
  CalendarWriter calendar(settings);
  RETURN_IF_ERROR(Write(scope, meetings, calendar, &reply));
  Fill(calendar, *reply.mutable_file());
  reply.set_meeting_count(calendar.meeting_count());
  return absl::OkStatus();
}

absl::Status ExportSubscribedCalendar(const Settings& settings, Scope& scope,
                                      const v1::ExportSubscribedCalendarRequest& request,
                                      google::api::HttpBody& reply) {
  ASSIGN_OR_RETURN(const auto links, scope.Where<v1::CalendarLink>(
                                         "secret_sha256 = ?", {ToHex(Sha256(request.secret()))}));
  // Without the secret in the words, which may be logged.
  if (links.empty()) {
    return Error(api::v1::Error::RESOURCE_NOT_FOUND,
                 "there is no calendar link with this secret: it was revoked, or never made");
  }
  ASSIGN_OR_RETURN(const resource::Condition filter, CompileLinkFilter(scope, links[0]));
  ASSIGN_OR_RETURN(const auto meetings, scope.VisibleTo<Meeting>(resource::Viewer::AnyMember(),
                                                                 filter.sql, filter.params));
  CalendarWriter calendar(settings);
  RETURN_IF_ERROR(Write(scope, meetings, calendar, nullptr));
  Fill(calendar, reply);
  return absl::OkStatus();
}

}  // namespace baliprocess::meetings
