// The custom methods of the meetings service: what they do within a transaction. Those of documents
// are in document_content.h, that which makes calendar links is in calendar_links.h.

#ifndef BALIPROCESS_SERVICES_MEETINGS_METHODS_H_
#define BALIPROCESS_SERVICES_MEETINGS_METHODS_H_

#include "absl/status/status.h"
#include "google/api/httpbody.pb.h"

#include "baliprocess/meetings/v1/action_item.pb.h"
#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "baliprocess/meetings/v1/calendar_link.pb.h"
#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/resource/engine/scope.h"
#include "services/meetings/settings.h"

namespace baliprocess::meetings {

using resource::Scope;

// meeting_life.cc
absl::Status ConveneMeeting(Scope& scope, const v1::ConveneMeetingRequest& request,
                            v1::Meeting& reply);
absl::Status ConcludeMeeting(Scope& scope, const v1::ConcludeMeetingRequest& request,
                             v1::Meeting& reply);
absl::Status PostponeMeeting(Scope& scope, const v1::PostponeMeetingRequest& request,
                             v1::Meeting& reply);
absl::Status CancelMeeting(Scope& scope, const v1::CancelMeetingRequest& request,
                           v1::Meeting& reply);
absl::Status RescheduleMeeting(Scope& scope, const v1::RescheduleMeetingRequest& request,
                               v1::Meeting& reply);

absl::Status ReopenMeeting(Scope& scope, const v1::ReopenMeetingRequest& request,
                           v1::Meeting& reply);

// agenda.cc
absl::Status ReorderAgenda(Scope& scope, const v1::ReorderAgendaRequest& request,
                           v1::ReorderAgendaResponse& reply);
absl::Status GetAgenda(Scope& scope, const v1::GetAgendaRequest& request, v1::Agenda& reply);

// credentials.cc
absl::Status SubmitCredentials(Scope& scope, const v1::SubmitCredentialsRequest& request,
                               v1::Delegation& reply);
absl::Status AcceptCredentials(Scope& scope, const v1::AcceptCredentialsRequest& request,
                               v1::Delegation& reply);
absl::Status ReturnCredentials(Scope& scope, const v1::ReturnCredentialsRequest& request,
                               v1::Delegation& reply);

// silence.cc
absl::Status OpenSilence(Scope& scope, const v1::OpenSilenceRequest& request, v1::Decision& reply);
absl::Status BreakSilence(Scope& scope, const v1::BreakSilenceRequest& request,
                          v1::Decision& reply);
absl::Status AssociateReservation(Scope& scope, const v1::AssociateReservationRequest& request,
                                  v1::Decision& reply);
absl::Status AdoptDecision(Scope& scope, const v1::AdoptDecisionRequest& request,
                           v1::Decision& reply);
absl::Status WithdrawDecision(Scope& scope, const v1::WithdrawDecisionRequest& request,
                              v1::Decision& reply);

absl::Status CorrectDecision(Scope& scope, const v1::CorrectDecisionRequest& request,
                             v1::Decision& reply);

// action_item_life.cc
absl::Status AddProgressNote(Scope& scope, const v1::AddProgressNoteRequest& request,
                             v1::ActionItem& reply);
absl::Status CompleteActionItem(Scope& scope, const v1::CompleteActionItemRequest& request,
                                v1::ActionItem& reply);
absl::Status DropActionItem(Scope& scope, const v1::DropActionItemRequest& request,
                            v1::ActionItem& reply);
absl::Status ReopenActionItem(Scope& scope, const v1::ReopenActionItemRequest& request,
                              v1::ActionItem& reply);

// attendance_gap.cc, list_conflicts.cc
absl::Status GetAttendanceGap(Scope& scope, const v1::GetAttendanceGapRequest& request,
                              v1::AttendanceGap& reply);
absl::Status ListConflicts(Scope& scope, const v1::ListConflictsRequest& request,
                           v1::ListConflictsResponse& reply);

// export_calendar.cc
absl::Status ExportCalendar(const Settings& settings, Scope& scope,
                            const v1::ExportCalendarRequest& request, v1::Calendar& reply);
absl::Status ExportSubscribedCalendar(const Settings& settings, Scope& scope,
                                      const v1::ExportSubscribedCalendarRequest& request,
                                      google::api::HttpBody& reply);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_METHODS_H_
