#include <google/protobuf/util/time_util.h>

#include <string>

#include "baliprocess/meetings/v1/action_item.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using google::protobuf::util::TimeUtil;
using v1::ActionItem;

template <typename Request>
absl::Status Load(Scope& scope, const Request& request, bool open, ActionItem& item) {
  RETURN_IF_ERROR(scope.GetForChange(request, item));
  if ((item.state() == ActionItem::OPEN) == open) return absl::OkStatus();
  return WrongState(item.name(), ActionItem::State_Name(item.state()),
                    open ? "it is closed" : "it isn't closed");
}

void AddNote(const Scope& scope, const std::string& text, ActionItem& item) {
  if (text.empty()) return;
  ActionItem::ProgressNote& note = *item.add_progress_notes();
  note.set_text(text);
  *note.mutable_note_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(scope.now()));
  if (!scope.caller().Has(api::v1::Access::SECRETARIAT)) note.set_member(scope.caller().member);
}

absl::Status Close(Scope& scope, ActionItem::State state, const std::string& note,
                   ActionItem& item) {
  AddNote(scope, note, item);
  item.set_state(state);
  *item.mutable_close_date() = DayOf(scope.now());
  return scope.Update(item);
}

}  // namespace

absl::Status AddProgressNote(Scope& scope, const v1::AddProgressNoteRequest& request,
                             ActionItem& reply) {
  RETURN_IF_ERROR(Load(scope, request, /*open=*/true, reply));
  AddNote(scope, request.text(), reply);
  return scope.Update(reply);
}

absl::Status CompleteActionItem(Scope& scope, const v1::CompleteActionItemRequest& request,
                                ActionItem& reply) {
  RETURN_IF_ERROR(Load(scope, request, /*open=*/true, reply));
  return Close(scope, ActionItem::COMPLETED, request.note(), reply);
}

absl::Status DropActionItem(Scope& scope, const v1::DropActionItemRequest& request,
                            ActionItem& reply) {
  RETURN_IF_ERROR(Load(scope, request, /*open=*/true, reply));
  return Close(scope, ActionItem::DROPPED, request.note(), reply);
}

absl::Status ReopenActionItem(Scope& scope, const v1::ReopenActionItemRequest& request,
                              ActionItem& reply) {
  RETURN_IF_ERROR(Load(scope, request, /*open=*/false, reply));
  AddNote(scope, request.note(), reply);
  reply.set_state(ActionItem::OPEN);
  reply.clear_close_date();
  return scope.Update(reply);
}

}  // namespace baliprocess::meetings
