// balictl meeting: a meeting with all that belongs to it.

#include <ostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/type/timeofday.pb.h"

#include "common/base/date.h"
#include "common/base/party.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/meeting_record.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::ActionItem;
using meetings::v1::AgendaItem;
using meetings::v1::Decision;
using meetings::v1::Delegation;
using meetings::v1::Document;
using meetings::v1::Meeting;
using meetings::v1::Statement;

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

void PrintHeading(const MeetingRecord& report, Io& io) {
  const Meeting& meeting = report.meeting;
  const std::string place = PlaceText(meeting.venue());
  io.out << meeting.display_name() << " (" << meeting.name() << ")\n"
         << (meeting.ordinal() == 0 ? std::string("Meeting")
                                    : absl::StrCat("Meeting ", meeting.ordinal()))
         << " of " << report.names.Call(meeting.body()) << "; " << DatesText(meeting) << "; "
         << (place.empty() ? "no place known" : place) << "; " << Word(meeting.state());
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

void PrintChairs(const MeetingRecord& report, Io& io) {
  std::vector<Row> rows = {{"CHAIR", "NAME", "ON BEHALF OF"}};
  for (const auto& chair : report.meeting.chairs()) {
    rows.push_back({chair.official(), report.names.Get(chair.official()), chair.on_behalf_of()});
  }
  PrintTable(std::move(rows), io);
}

void PrintDelegations(const MeetingRecord& report, Io& io) {
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
void PrintGap(const MeetingRecord& report, Io& io) {
  if (!TookPlace(report.meeting) || report.delegations.empty()) return;
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

void PrintAgenda(const MeetingRecord& report, Io& io) {
  std::vector<Row> rows = {{"NUMBER", "AGENDA ITEM", "KIND", "PRESENTED BY"}};
  for (const auto& entry : report.agenda.entries()) {
    const AgendaItem& item = entry.agenda_item();
    rows.push_back({entry.number(), item.display_name(), Word(item.kind()),
                    PresentersText(item, report.names)});
  }
  PrintTable(std::move(rows), io);
}

void PrintStatements(const MeetingRecord& report, Io& io) {
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

void PrintDocuments(const MeetingRecord& report, Io& io) {
  std::vector<Row> rows = {{"DOCUMENT", "NAME", "KIND", "WHERE"}};
  for (const Document& document : report.documents) {
    rows.push_back(
        {document.name(), document.display_name(), Word(document.kind()), PlaceOf(document)});
  }
  PrintTable(std::move(rows), io);
}

void PrintOutcomes(const MeetingRecord& report, Io& io) {
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
  ASSIGN_OR_RETURN(const std::string name, MeetingName(arguments.positional[0]));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  ASSIGN_OR_RETURN(const MeetingRecord report, GatherMeeting(*connection, name));
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
