#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/query/filter.h"
#include "services/meetings/calendar.h"
#include "services/meetings/methods.h"

namespace baliprocess::meetings {

absl::Status ExportCalendar(Scope& scope, const v1::ExportCalendarRequest& request,
                            v1::Calendar& reply) {
  const resource::ResourceType& type = *scope.registry().Find(v1::Meeting::descriptor());
  ASSIGN_OR_RETURN(
      const resource::Condition filter,
      resource::CompileFilter(request.filter(), type.columns, scope.caller().clearance()));
  ASSIGN_OR_RETURN(const auto meetings, scope.VisibleWhere<v1::Meeting>(filter.sql, filter.params));
  CalendarWriter calendar;
  for (const v1::Meeting& meeting : meetings) {
    const v1::Calendar::Reason reason = calendar.Add(meeting);
    if (reason == v1::Calendar::REASON_UNSPECIFIED) continue;
    v1::Calendar::Omission& omission = *reply.add_omissions();
    omission.set_meeting(meeting.name());
    omission.set_reason(reason);
  }
  reply.set_content(calendar.Finish());
  return absl::OkStatus();
}

}  // namespace baliprocess::meetings
