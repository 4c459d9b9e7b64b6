#include "services/meetings/service.h"

#include <functional>
#include <memory>

#include "baliprocess/meetings/v1/action_item.pb.h"
#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "baliprocess/meetings/v1/calendar_link.pb.h"
#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/meetings/v1/delegate.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/document.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/meetings_service.pb.h"
#include "baliprocess/meetings/v1/statement.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/streamed_read.h"
#include "services/meetings/calendar_links.h"
#include "services/meetings/document_content.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {

absl::StatusOr<resource::Registry> Resources() {
  resource::Registry registry;
  RETURN_IF_ERROR(registry.Add<v1::Meeting>(MeetingRules()));
  RETURN_IF_ERROR(registry.Add<v1::AgendaItem>(AgendaItemRules()));
  RETURN_IF_ERROR(registry.Add<v1::Delegation>(DelegationRules()));
  RETURN_IF_ERROR(registry.Add<v1::Delegate>(DelegateRules()));
  RETURN_IF_ERROR(registry.Add<v1::Statement>(StatementRules()));
  RETURN_IF_ERROR(registry.Add<v1::Decision>(DecisionRules()));
  RETURN_IF_ERROR(registry.Add<v1::ActionItem>(ActionItemRules()));
  RETURN_IF_ERROR(registry.Add<v1::Document>(DocumentRules()));
  RETURN_IF_ERROR(registry.Add<v1::CalendarLink>());
  for (resource::SideTable& table : ContentTables()) registry.AddTable(std::move(table));
  return registry;
}

rpc::MethodTable Methods(resource::Engine& engine) { return Methods(engine, Settings()); }

rpc::MethodTable Methods(resource::Engine& engine, const Settings& settings) {
  rpc::MethodTable table(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "baliprocess.meetings.v1.MeetingsService"));
  engine.Bind(table);
  engine.BindMutation(table, "ConveneMeeting", ConveneMeeting);
  engine.BindMutation(table, "ConcludeMeeting", ConcludeMeeting);
  engine.BindMutation(table, "PostponeMeeting", PostponeMeeting);
  engine.BindMutation(table, "CancelMeeting", CancelMeeting);
  engine.BindMutation(table, "RescheduleMeeting", RescheduleMeeting);
  engine.BindMutation(table, "ReopenMeeting", ReopenMeeting);
  engine.BindMutation(table, "ReorderAgenda", ReorderAgenda);
  engine.BindLongRead(table, "GetAgenda", GetAgenda);
  engine.BindMutation(table, "SubmitCredentials", SubmitCredentials);
  engine.BindMutation(table, "AcceptCredentials", AcceptCredentials);
  engine.BindMutation(table, "ReturnCredentials", ReturnCredentials);
  engine.BindLongRead(table, "GetAttendanceGap", GetAttendanceGap);
  engine.BindMutation(table, "OpenSilence", OpenSilence);
  engine.BindMutation(table, "BreakSilence", BreakSilence);
  engine.BindMutation(table, "AssociateReservation", AssociateReservation);
  engine.BindMutation(table, "AdoptDecision", AdoptDecision);
  engine.BindMutation(table, "WithdrawDecision", WithdrawDecision);
  engine.BindMutation(table, "CorrectDecision", CorrectDecision);
  engine.BindMutation(table, "AddProgressNote", AddProgressNote);
  engine.BindMutation(table, "CompleteActionItem", CompleteActionItem);
  engine.BindMutation(table, "DropActionItem", DropActionItem);
  engine.BindMutation(table, "ReopenActionItem", ReopenActionItem);
  engine.BindLongRead(table, "ListConflicts", ListConflicts);
  resource::BindStreamedRead<v1::ExportCalendarRequest, v1::Calendar>(
      engine, table, "ExportCalendar", std::bind_front(ExportCalendar, settings));
  resource::BindStreamedRead<v1::ExportSubscribedCalendarRequest, google::api::HttpBody>(
      engine, table, "ExportSubscribedCalendar",
      std::bind_front(ExportSubscribedCalendar, settings));
  engine.BindMutation(table, "CreateCalendarLink", CreateCalendarLink);
  engine.BindNewestRead(table, "GetUpload", GetUpload);
  table.ClientStream(
      "UploadDocument",
      [&engine, most = settings.max_document_bytes](const std::shared_ptr<rpc::Call>& call)
          -> absl::StatusOr<std::unique_ptr<rpc::StreamSink>> {
        return StartUpload(engine, most, call);
      });
  table.ServerStream<v1::DownloadDocumentRequest>(
      "DownloadDocument",
      [&engine](const std::shared_ptr<rpc::Call>& call, const v1::DownloadDocumentRequest& request,
                std::function<void()>) { return StartDownload(engine, call, request); });
  return table;
}

}  // namespace baliprocess::meetings
