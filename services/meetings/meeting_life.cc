#include <initializer_list>
#include <string>

#include "baliprocess/meetings/v1/meeting.pb.h"
#include "common/base/status_macros.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Meeting;

// Loads the meeting of a request, which must be in one of the states.
template <typename Request>
absl::Status Load(Scope& scope, const Request& request,
                  std::initializer_list<Meeting::State> states, std::string_view what,
                  Meeting& meeting) {
  RETURN_IF_ERROR(scope.GetForChange(request, meeting));
  return ExpectState(meeting.name(), meeting.state(), states, what);
}

absl::Status Enter(Scope& scope, Meeting::State state, const std::string& reason,
                   Meeting& meeting) {
  if (meeting.confidential() && !reason.empty()) {
    return InvalidField("reason",
                        "must be empty: the record of a confidential meeting tells only that it "
                        "takes place");
  }
  meeting.set_state(state);
  meeting.set_state_reason(reason);
  return scope.Update(meeting);
}

}  // namespace

absl::Status ConveneMeeting(Scope& scope, const v1::ConveneMeetingRequest& request,
                            Meeting& reply) {
  RETURN_IF_ERROR(Load(scope, request, {Meeting::PLANNED}, "only a planned one convenes", reply));
  return Enter(scope, Meeting::CONVENED, "", reply);
}

absl::Status ConcludeMeeting(Scope& scope, const v1::ConcludeMeetingRequest& request,
                             Meeting& reply) {
  RETURN_IF_ERROR(Load(scope, request, {Meeting::CONVENED}, "only a convened one ends", reply));
  return Enter(scope, Meeting::CONCLUDED, "", reply);
}

absl::Status PostponeMeeting(Scope& scope, const v1::PostponeMeetingRequest& request,
                             Meeting& reply) {
  RETURN_IF_ERROR(
      Load(scope, request, {Meeting::PLANNED}, "only a planned one can be postponed", reply));
  return Enter(scope, Meeting::POSTPONED, request.reason(), reply);
}

absl::Status CancelMeeting(Scope& scope, const v1::CancelMeetingRequest& request, Meeting& reply) {
  RETURN_IF_ERROR(Load(scope, request, {Meeting::PLANNED, Meeting::POSTPONED},
                       "only a planned or postponed one can be cancelled", reply));
  return Enter(scope, Meeting::CANCELLED, request.reason(), reply);
}

absl::Status RescheduleMeeting(Scope& scope, const v1::RescheduleMeetingRequest& request,
                               Meeting& reply) {
  RETURN_IF_ERROR(
      Load(scope, request, {Meeting::POSTPONED}, "only a postponed one is rescheduled", reply));
  reply.clear_start_date();
  reply.clear_end_date();
  reply.clear_start_time();
  reply.clear_end_time();
  if (request.has_start_date()) *reply.mutable_start_date() = request.start_date();
  if (request.has_end_date()) *reply.mutable_end_date() = request.end_date();
  if (request.has_start_time()) *reply.mutable_start_time() = request.start_time();
  if (request.has_end_time()) *reply.mutable_end_time() = request.end_time();
  return Enter(scope, Meeting::PLANNED, "", reply);
}

absl::Status ReopenMeeting(Scope& scope, const v1::ReopenMeetingRequest& request, Meeting& reply) {
  RETURN_IF_ERROR(Load(scope, request, {Meeting::CONVENED, Meeting::CONCLUDED, Meeting::CANCELLED},
                       "there is no state to take back", reply));
  const bool concluded = reply.state() == Meeting::CONCLUDED;
  return Enter(scope, concluded ? Meeting::CONVENED : Meeting::PLANNED,
               reply.confidential() ? "" : request.reason(), reply);
}

}  // namespace baliprocess::meetings
