// balictl meeting: a meeting with all that belongs to it.

#include <ostream>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/type/timeofday.pb.h"

#include "baliprocess/common/v1/venue.pb.h"
#include "baliprocess/meetings/v1/action_item.pb.h"
#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/document.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "baliprocess/meetings/v1/statement.pb.h"
#include "common/base/date.h"
#include "common/base/party.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/display_names.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

namespace meetings = meetings::v1;
using meetings::ActionItem;
using meetings::AgendaItem;
using meetings::Decision;
using meetings::Delegation;
using meetings::Document;
using meetings::Meeting;
using meetings::Statement;

// What is told of a meeting, as far as the caller sees it.
struct Report {
  Meeting meeting;
  std::vector<Delegation> delegations;
  meetings::AttendanceGap gap;
  meetings::Agenda agenda;
  std::vector<Statement> statements;
  std::vector<Document> documents;
  std::vector<Decision> decisions;
  std::vector<ActionItem> action_items;  // open ones: carried over, or agreed here
  std::set<std::string> together;        // meetings held together with it
  DisplayNames names;
};

template <typename Resource>
absl::StatusOr<std::vector<Resource>> ListOf(Connection& connection, const std::string& collection,
                                             const std::string& filter) {
  ASSIGN_OR_RETURN(const Collection found, FindCollection(collection));
  ASSIGN_OR_RETURN(const auto messages, ListAll(connection, found, filter));
  std::vector<Resource> resources;
  resources.reserve(messages.size());
  for (const auto& message : messages) resources.push_back(static_cast<const Resource&>(*message));
  return resources;
}

template <typename Request>
absl::Status Ask(Connection& connection, const std::string& method_name, const Request& request,
                 google::protobuf::Message& reply) {
  ASSIGN_OR_RETURN(const auto* method, FindMethod("meetings/" + method_name));
  return connection.Call(*method, request, reply);
}

// What a party is called, as far as it is known.
std::string NameOf(const common::v1::Party& party, const DisplayNames& names) {
  return party.has_display_name() ? party.display_name() : names.Get(ResourceOf(party));
}

const std::string& LeadOf(const ActionItem& item) {
  return item.lead_member().empty() ? item.lead_body() : item.lead_member();
}

// All resources whose names people know better by what they are called.
std::set<std::string> Mentioned(const Report& report) {
  std::set<std::string> names = report.together;
  names.insert({report.meeting.body(), report.meeting.review_since()});
  for (const auto& chair : report.meeting.chairs()) {
    names.insert({chair.official(), chair.on_behalf_of()});
  }
  for (const Delegation& delegation : report.delegations) {
    names.insert(ResourceOf(delegation.participant()));
  }
  for (const auto& entry : report.agenda.entries()) {
    for (const auto& presenter : entry.agenda_item().presenters()) {
      names.insert(ResourceOf(presenter.presenter()));
    }
  }
  for (const Statement& statement : report.statements) {
    names.insert(ResourceOf(statement.speaker()));
  }
  for (const ActionItem& item : report.action_items) names.insert(LeadOf(item));
  return names;
}

// Being held together may be recorded on the other meeting alone.
absl::Status FindTogether(Connection& connection, Report& report) {
  const Meeting& meeting = report.meeting;
  ASSIGN_OR_RETURN(const auto others,
                   ListOf<Meeting>(connection, "meetings",
                                   absl::StrCat("colocated_with : \"", meeting.name(), "\"")));
  report.together.insert(meeting.colocated_with().begin(), meeting.colocated_with().end());
  for (const Meeting& other : others) report.together.insert(other.name());
  return absl::OkStatus();
}

absl::StatusOr<Report> Gather(Connection& connection, const std::string& name) {
  Report report;
  meetings::GetMeetingRequest get;
  get.set_name(name);
  RETURN_IF_ERROR(Ask(connection, "GetMeeting", get, report.meeting));
  RETURN_IF_ERROR(FindTogether(connection, report));
  ASSIGN_OR_RETURN(report.delegations, ListOf<Delegation>(connection, name + "/delegations", ""));
  meetings::GetAttendanceGapRequest gap;
  gap.set_meeting(name);
  RETURN_IF_ERROR(Ask(connection, "GetAttendanceGap", gap, report.gap));
  meetings::GetAgendaRequest agenda;
  agenda.set_meeting(name);
  RETURN_IF_ERROR(Ask(connection, "GetAgenda", agenda, report.agenda));
  ASSIGN_OR_RETURN(report.statements, ListOf<Statement>(connection, name + "/statements", ""));
  ASSIGN_OR_RETURN(report.documents, ListOf<Document>(connection, name + "/documents", ""));
  const std::string here = absl::StrCat("meeting = \"", name, "\"");
  ASSIGN_OR_RETURN(report.decisions, ListOf<Decision>(connection, "decisions", here));
  report.action_items.assign(report.agenda.open_action_items().begin(),
                             report.agenda.open_action_items().end());
  ASSIGN_OR_RETURN(const auto agreed,
                   ListOf<ActionItem>(connection, "actionItems", here + " AND state = OPEN"));
  report.action_items.insert(report.action_items.end(), agreed.begin(), agreed.end());
  ASSIGN_OR_RETURN(report.names, DisplayNames::Of(connection, Mentioned(report)));
  return report;
}

// The name of an enum value; "" of the one that says nothing.
template <typename Enum>
std::string Word(Enum value) {
  if (value == 0) return "";
  const auto* found = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  return found ? found->name() : absl::StrCat(value);  // of a newer contract
}

// A day and, if it is known, the time of day.
std::string MomentText(const google::type::Date& date, bool timed,
                       const google::type::TimeOfDay& time) {
  if (!timed) return FormatDate(date);
  return absl::StrFormat("%s %02d:%02d", FormatDate(date), time.hours(), time.minutes());
}

std::string DatesText(const Meeting& meeting) {
  if (!meeting.has_start_date()) return "no date known";
  const auto& last = meeting.has_end_date() ? meeting.end_date() : meeting.start_date();
  const std::string start =
      MomentText(meeting.start_date(), meeting.has_start_time(), meeting.start_time());
  const std::string end = MomentText(last, meeting.has_end_time(), meeting.end_time());
  const bool one_day = FormatDate(meeting.start_date()) == FormatDate(last);
  return absl::StrCat(start, one_day && !meeting.has_end_time() ? "" : " to " + end,
                      meeting.has_start_time() ? " (" + meeting.time_zone() + ")" : "");
}

std::string PlaceText(const common::v1::Venue& venue) {
  std::vector<std::string> parts;
  for (const std::string* part : {&venue.display_name(), &venue.city(), &venue.region_code()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return parts.empty() ? "no place known" : absl::StrJoin(parts, ", ");
}

void PrintHeading(const Report& report, Io& io) {
  const Meeting& meeting = report.meeting;
  io.out << meeting.display_name() << " (" << meeting.name() << ")\n"
         << (meeting.ordinal() == 0 ? std::string("Meeting")
                                    : absl::StrCat("Meeting ", meeting.ordinal()))
         << " of " << report.names.Call(meeting.body()) << "; " << DatesText(meeting) << "; "
         << PlaceText(meeting.venue()) << "; " << Word(meeting.state());
  if (!meeting.state_reason().empty()) io.out << ": " << meeting.state_reason();
  io.out << "\n";
  for (const std::string& other : report.together) {
    io.out << "Held together with " << report.names.Call(other) << "\n";
  }
  if (!meeting.review_since().empty()) {
    io.out << "Looked back to " << report.names.Call(meeting.review_since()) << "\n";
  }
  if (meeting.confidential()) {
    io.out << "Confidential: what belongs to it is there for the members consulted alone\n";
  }
}

// A table with a line before it, if it has rows.
void PrintTable(std::vector<Row> rows, Io& io) {
  if (rows.size() > 1) io.out << "\n" << FormatTable(std::move(rows), io.width);
}

void PrintChairs(const Report& report, Io& io) {
  std::vector<Row> rows = {{"CHAIR", "NAME", "ON BEHALF OF"}};
  for (const auto& chair : report.meeting.chairs()) {
    rows.push_back({chair.official(), report.names.Get(chair.official()), chair.on_behalf_of()});
  }
  PrintTable(std::move(rows), io);
}

void PrintDelegations(const Report& report, Io& io) {
  std::vector<Row> rows = {{"PARTICIPANT", "NAME", "CAPACITY", "ATTENDANCE"}};
  for (const Delegation& delegation : report.delegations) {
    const auto& participant = delegation.participant();
    rows.push_back({ResourceOf(participant), NameOf(participant, report.names),
                    Word(delegation.capacity()), Word(delegation.attendance())});
  }
  if (rows.size() == 1) io.out << "\nNo delegations are on record.\n";
  PrintTable(std::move(rows), io);
}

// Of a meeting that took place, if anything is on record of who came.
void PrintGap(const Report& report, Io& io) {
  const Meeting::State state = report.meeting.state();
  const bool took_place = state == Meeting::CONVENED || state == Meeting::CONCLUDED;
  if (!took_place || report.delegations.empty()) return;
  const auto& gap = report.gap;
  io.out << "\nMembers of the body as of " << FormatDate(gap.as_of()) << ": " << gap.present_count()
         << " there, " << (gap.missing().empty() ? "nobody" : absl::StrCat(gap.missing_size()))
         << " missing.\n";
  std::vector<Row> rows = {{"MISSING", "NAME", "BELONGED", "ATTENDANCE"}};
  for (const auto& entry : gap.missing()) {
    rows.push_back(
        {entry.member(), entry.display_name(), Word(entry.belonged()), Word(entry.attendance())});
  }
  PrintTable(std::move(rows), io);
}

// `David Scott`, or else the member or body.
std::string PresentersText(const AgendaItem& item, const DisplayNames& names) {
  std::vector<std::string> texts;
  for (const auto& presenter : item.presenters()) {
    const auto& party = presenter.presenter();
    const std::string name = NameOf(party, names);
    texts.push_back(name.empty() ? ResourceOf(party) : name);
  }
  return absl::StrJoin(texts, ", ");
}

void PrintAgenda(const Report& report, Io& io) {
  std::vector<Row> rows = {{"NUMBER", "AGENDA ITEM", "KIND", "PRESENTED BY"}};
  for (const auto& entry : report.agenda.entries()) {
    const AgendaItem& item = entry.agenda_item();
    rows.push_back({entry.number(), item.display_name(), Word(item.kind()),
                    PresentersText(item, report.names)});
  }
  PrintTable(std::move(rows), io);
}

void PrintStatements(const Report& report, Io& io) {
  std::vector<Row> rows = {{"STATEMENT BY", "NAME", "ON"}};
  for (const Statement& statement : report.statements) {
    rows.push_back({ResourceOf(statement.speaker()), NameOf(statement.speaker(), report.names),
                    statement.topic()});
  }
  PrintTable(std::move(rows), io);
}

// Where it is: bytes that are kept, or an address.
std::string PlaceOf(const Document& document) {
  if (!document.has_content()) return document.uri();
  return absl::StrCat(document.content().size_bytes(), " bytes, ", document.content().media_type());
}

void PrintDocuments(const Report& report, Io& io) {
  std::vector<Row> rows = {{"DOCUMENT", "NAME", "KIND", "WHERE"}};
  for (const Document& document : report.documents) {
    rows.push_back(
        {document.name(), document.display_name(), Word(document.kind()), PlaceOf(document)});
  }
  PrintTable(std::move(rows), io);
}

void PrintOutcomes(const Report& report, Io& io) {
  std::vector<Row> rows = {{"DECISION", "NAME", "KIND", "STATE", "NUMBER"}};
  for (const Decision& decision : report.decisions) {
    rows.push_back({decision.name(), decision.display_name(), Word(decision.kind()),
                    Word(decision.state()),
                    decision.number() == 0 ? "" : absl::StrCat(decision.number())});
  }
  PrintTable(std::move(rows), io);
  rows = {{"OPEN ACTION ITEM", "NAME", "LEAD", "DUE"}};
  for (const ActionItem& item : report.action_items) {
    rows.push_back({item.name(), item.display_name(), report.names.Get(LeadOf(item)),
                    item.has_due_date() ? FormatDate(item.due_date()) : ""});
  }
  PrintTable(std::move(rows), io);
}

absl::Status RunMeeting(const Arguments& arguments, Io& io) {
  const std::string& meeting = arguments.positional[0];
  const std::string name =
      absl::StartsWith(meeting, "meetings/") ? meeting : absl::StrCat("meetings/", meeting);
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  if (kind->message != Meeting::descriptor()) {
    return UsageError(absl::StrCat(name, " isn't the name of a meeting"));
  }
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  ASSIGN_OR_RETURN(const Report report, Gather(*connection, name));
  PrintHeading(report, io);
  PrintChairs(report, io);
  PrintDelegations(report, io);
  PrintGap(report, io);
  PrintAgenda(report, io);
  PrintStatements(report, io);
  PrintOutcomes(report, io);
  PrintDocuments(report, io);
  return absl::OkStatus();
}

}  // namespace

Command MeetingCommand() {
  return {
      .name = "meeting",
      .arguments = "MEETING",
      .min_arguments = 1,
      .max_arguments = 1,
      .summary = "Show a meeting with all that belongs to it",
      .description =
          "Shows a meeting as far as the caller may see it: chairs, who took part as what, "
          "which\nmembers are missing, the agenda, statements, decisions, open action items and "
          "documents.\nAs JSON: `balictl get` and `balictl list` of the resources, `balictl call` "
          "of "
          "GetAgenda and\nGetAttendanceGap.\n\n"
          "Example:\n  balictl meeting ahg-17",
      .flags = WithConnection({}),
      .run = RunMeeting};
}

}  // namespace baliprocess::balictl
