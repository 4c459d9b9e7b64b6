#include "services/balictl/client/meeting_record.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/party.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::ActionItem;
using meetings::v1::AgendaItem;
using meetings::v1::Decision;
using meetings::v1::Delegate;
using meetings::v1::Delegation;
using meetings::v1::Document;
using meetings::v1::Meeting;
using meetings::v1::Statement;
using membership::v1::Member;

template <typename Request>
absl::Status Ask(Connection& connection, const std::string& method_name, const Request& request,
                 google::protobuf::Message& reply) {
  ASSIGN_OR_RETURN(const auto* method, FindMethod("meetings/" + method_name));
  return connection.Call(*method, request, reply);
}

absl::Status AskForMeeting(Connection& connection, const std::string& name, Meeting& meeting) {
  meetings::v1::GetMeetingRequest request;
  request.set_name(name);
  return Ask(connection, "GetMeeting", request, meeting);
}

// All resources whose names people know better by what they are called.
std::set<std::string> Mentioned(const MeetingRecord& record) {
  std::set<std::string> names = record.together;
  names.insert({record.meeting.body(), record.meeting.review_since()});
  for (const auto& chair : record.meeting.chairs()) {
    names.insert({chair.official(), chair.on_behalf_of()});
  }
  for (const Delegation& delegation : record.delegations) {
    names.insert(ResourceOf(delegation.participant()));
  }
  for (const auto& entry : record.agenda.entries()) {
    for (const auto& presenter : entry.agenda_item().presenters()) {
      names.insert(ResourceOf(presenter.presenter()));
    }
  }
  for (const Statement& statement : record.statements) {
    names.insert(ResourceOf(statement.speaker()));
    names.insert(ResourceOf(statement.on_behalf_of()));
  }
  for (const ActionItem& item : record.action_items) names.insert(LeadOf(item));
  return names;
}

// Being held together may be recorded on the other meeting alone.
absl::Status FindTogether(Connection& connection, MeetingRecord& record) {
  const Meeting& meeting = record.meeting;
  ASSIGN_OR_RETURN(const auto others,
                   ListOf<Meeting>(connection, "meetings",
                                   absl::StrCat("colocated_with : \"", meeting.name(), "\"")));
  record.together.insert(meeting.colocated_with().begin(), meeting.colocated_with().end());
  for (const Meeting& other : others) record.together.insert(other.name());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> MeetingName(const std::string& text) {
  const std::string name =
      absl::StartsWith(text, "meetings/") ? text : absl::StrCat("meetings/", text);
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  if (kind->message == Meeting::descriptor()) return name;
  return UsageError(absl::StrCat(name, " isn't the name of a meeting"));
}

absl::StatusOr<MeetingRecord> GatherMeeting(Connection& connection, const std::string& name) {
  MeetingRecord record;
  RETURN_IF_ERROR(AskForMeeting(connection, name, record.meeting));
  RETURN_IF_ERROR(FindTogether(connection, record));
  ASSIGN_OR_RETURN(record.delegations, ListOf<Delegation>(connection, name + "/delegations"));
  meetings::v1::GetAttendanceGapRequest gap;
  gap.set_meeting(name);
  RETURN_IF_ERROR(Ask(connection, "GetAttendanceGap", gap, record.gap));
  meetings::v1::GetAgendaRequest agenda;
  agenda.set_meeting(name);
  RETURN_IF_ERROR(Ask(connection, "GetAgenda", agenda, record.agenda));
  ASSIGN_OR_RETURN(record.statements, ListOf<Statement>(connection, name + "/statements"));
  ASSIGN_OR_RETURN(record.documents, ListOf<Document>(connection, name + "/documents"));
  const std::string here = absl::StrCat("meeting = \"", name, "\"");
  ASSIGN_OR_RETURN(record.decisions, ListOf<Decision>(connection, "decisions", here));
  record.action_items.assign(record.agenda.open_action_items().begin(),
                             record.agenda.open_action_items().end());
  ASSIGN_OR_RETURN(const auto agreed,
                   ListOf<ActionItem>(connection, "actionItems", here + " AND state = OPEN"));
  record.action_items.insert(record.action_items.end(), agreed.begin(), agreed.end());
  ASSIGN_OR_RETURN(record.names, DisplayNames::Of(connection, Mentioned(record)));
  return record;
}

absl::StatusOr<Attendance> GatherAttendance(Connection& connection, const std::string& name) {
  Attendance attendance;
  RETURN_IF_ERROR(AskForMeeting(connection, name, attendance.meeting));
  ASSIGN_OR_RETURN(attendance.delegations, ListOf<Delegation>(connection, name + "/delegations"));
  ASSIGN_OR_RETURN(attendance.delegates,
                   ListOf<Delegate>(connection, name + "/delegations/-/delegates"));
  ASSIGN_OR_RETURN(const auto organisations,
                   ListOf<Member>(connection, "members", "kind = ORGANISATION"));
  for (const Member& member : organisations) {
    if (member.kind() == Member::ORGANISATION) attendance.organisations.insert(member.name());
  }
  std::set<std::string> names = {attendance.meeting.body()};
  for (const Delegation& one : attendance.delegations) names.insert(ResourceOf(one.participant()));
  for (const Delegate& one : attendance.delegates) names.insert(ResourceOf(one.person()));
  ASSIGN_OR_RETURN(attendance.names, DisplayNames::Of(connection, names));
  return attendance;
}

std::string NameOf(const common::v1::Party& party, const DisplayNames& names) {
  return party.has_display_name() ? party.display_name() : names.Get(ResourceOf(party));
}

const std::string& LeadOf(const ActionItem& item) {
  return item.lead_member().empty() ? item.lead_body() : item.lead_member();
}

std::string CalledParty(const common::v1::Party& party, const DisplayNames& names) {
  const std::string name = NameOf(party, names);
  return name.empty() ? ResourceOf(party) : name;
}

std::string PresentersText(const AgendaItem& item, const DisplayNames& names) {
  std::vector<std::string> texts;
  for (const auto& presenter : item.presenters()) {
    texts.push_back(CalledParty(presenter.presenter(), names));
  }
  return absl::StrJoin(texts, ", ");
}

std::string PlaceText(const common::v1::Venue& venue) {
  std::vector<std::string> parts;
  for (const std::string* part : {&venue.display_name(), &venue.city(), &venue.region_code()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return absl::StrJoin(parts, ", ");
}

bool TookPlace(const Meeting& meeting) {
  return meeting.state() == Meeting::CONVENED || meeting.state() == Meeting::CONCLUDED;
}

}  // namespace baliprocess::balictl
