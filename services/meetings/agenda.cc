#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/action_item.pb.h"
#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/base/status_macros.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::ActionItem;
using v1::Agenda;
using v1::AgendaItem;
using v1::Meeting;

// The items by the item that they are part of, each group in order.
using Groups = std::map<std::string, std::vector<AgendaItem>>;

Groups GroupsOf(std::vector<AgendaItem> items) {
  Groups groups;
  for (AgendaItem& item : items) groups[item.parent_item()].push_back(std::move(item));
  for (auto& [parent, group] : groups) {
    std::sort(group.begin(), group.end(),
              [](const AgendaItem& a, const AgendaItem& b) { return a.position() < b.position(); });
  }
  return groups;
}

void AddEntries(const Groups& groups, const std::string& parent, const std::string& prefix,
                Agenda& agenda) {
  const auto group = groups.find(parent);
  if (group == groups.end()) return;
  for (const AgendaItem& item : group->second) {
    Agenda::Entry& entry = *agenda.add_entries();
    *entry.mutable_agenda_item() = item;
    // Its place, whoever asks and whatever became of those before it: as the agenda was printed.
    entry.set_number(absl::StrCat(prefix, item.position()));
    AddEntries(groups, item.name(), entry.number() + ".", agenda);
  }
}

bool IsOver(const Meeting& meeting) {
  return meeting.state() == Meeting::CONCLUDED || meeting.state() == Meeting::CANCELLED;
}

}  // namespace

absl::Status ReorderAgenda(Scope& scope, const v1::ReorderAgendaRequest& request,
                           v1::ReorderAgendaResponse& reply) {
  ASSIGN_OR_RETURN(const Meeting meeting, scope.Get<Meeting>(request.parent()));
  ASSIGN_OR_RETURN(auto items, scope.Where<AgendaItem>("parent = ? AND parent_item = ?",
                                                       {meeting.name(), request.parent_item()}));
  std::map<std::string, AgendaItem> by_name;
  for (AgendaItem& item : items) by_name[item.name()] = std::move(item);
  const std::set<std::string> named(request.agenda_items().begin(), request.agenda_items().end());
  const bool all = named.size() == by_name.size() &&
                   named.size() == static_cast<size_t>(request.agenda_items_size()) &&
                   std::all_of(named.begin(), named.end(),
                               [&](const std::string& name) { return by_name.count(name) > 0; });
  if (!all) {
    return InvalidField("agenda_items", absl::StrCat("must name each of the ", by_name.size(),
                                                     " items of the parent item once"));
  }
  int position = 0;
  for (const std::string& name : request.agenda_items()) {
    AgendaItem& item = by_name[name];
    item.set_position(++position);
    RETURN_IF_ERROR(scope.Update(item));
    *reply.add_agenda_items() = item;
  }
  return absl::OkStatus();
}

absl::Status GetAgenda(Scope& scope, const v1::GetAgendaRequest& request, Agenda& reply) {
  ASSIGN_OR_RETURN(const Meeting meeting, scope.Get<Meeting>(request.meeting()));
  reply.set_meeting(meeting.name());
  ASSIGN_OR_RETURN(auto items, scope.VisibleWhere<AgendaItem>("parent = ?", {meeting.name()}));
  AddEntries(GroupsOf(std::move(items)), "", "", reply);
  if (IsOver(meeting)) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const auto open,
      scope.VisibleWhere<ActionItem>("body = ? AND state = ? AND meeting <> ?",
                                     {meeting.body(), int64_t{ActionItem::OPEN}, meeting.name()}));
  for (const ActionItem& item : open) *reply.add_open_action_items() = item;
  return absl::OkStatus();
}

}  // namespace baliprocess::meetings
