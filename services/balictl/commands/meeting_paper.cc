// balictl report meeting.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/meeting_record.h"
#include "services/balictl/commands/papers.h"
#include "services/balictl/contract/long_dates.h"
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

// What a resource is called, or else its name.
std::string Called(const std::string& resource, const DisplayNames& names) {
  const std::string name = names.Get(resource);
  return name.empty() ? resource : name;
}

std::string TimeText(const google::type::TimeOfDay& time) {
  return absl::StrFormat("%02d:%02d", time.hours(), time.minutes());
}

// When and where, as far as that is known.
std::string WhenAndWhere(const Meeting& meeting) {
  std::string dates = LongDates(meeting.start_date(), meeting.end_date());
  if (meeting.has_start_time()) {
    absl::StrAppend(&dates, ", from ", TimeText(meeting.start_time()));
    if (meeting.has_end_time()) absl::StrAppend(&dates, " to ", TimeText(meeting.end_time()));
    absl::StrAppend(&dates, " (", meeting.time_zone(), ")");
  }
  const std::string place = PlaceText(meeting.venue());
  return absl::StrCat(place.empty() ? "No place is on record" : place, "; ",
                      dates.empty() ? "no date is on record" : dates, ".");
}

void AddHead(const MeetingRecord& record, Paper& paper) {
  const Meeting& meeting = record.meeting;
  paper.Paragraph(WhenAndWhere(meeting));
  std::string state =
      absl::StrCat(meeting.ordinal() == 0 ? "Meeting" : absl::StrCat("Meeting ", meeting.ordinal()),
                   " of ", Called(meeting.body(), record.names), "; ", InWords(meeting.state()));
  if (!meeting.state_reason().empty()) absl::StrAppend(&state, ": ", meeting.state_reason());
  paper.Paragraph(state);
  for (const std::string& other : record.together) {
    paper.Paragraph("Held together with " + Called(other, record.names));
  }
  if (meeting.confidential()) {
    paper.Paragraph("Confidential: what belongs to it is there for the members consulted alone.");
  }
  paper.Paragraph(meeting.summary());
  std::vector<std::string> chairs;
  for (const auto& chair : meeting.chairs()) {
    chairs.push_back(absl::StrCat(
        Called(chair.official(), record.names),
        chair.on_behalf_of().empty() ? "" : ", " + Called(chair.on_behalf_of(), record.names)));
  }
  paper.Part("Chairs");
  paper.List(std::move(chairs));
}

void AddAttendance(const MeetingRecord& record, Paper& paper) {
  std::vector<Row> rows = {{"Participant", "Capacity", "Attendance"}};
  for (const Delegation& delegation : record.delegations) {
    rows.push_back({CalledParty(delegation.participant(), record.names),
                    InWords(delegation.capacity()), InWords(delegation.attendance())});
  }
  paper.Part("Attendance");
  paper.Table(std::move(rows));
  if (!TookPlace(record.meeting) || record.delegations.empty()) return;
  const auto& gap = record.gap;
  paper.Paragraph(absl::StrCat("Of the members of the body as of ", LongDate(gap.as_of()), ", ",
                               gap.present_count(), " were there, and ",
                               gap.missing().empty() ? "nobody" : absl::StrCat(gap.missing_size()),
                               gap.missing_size() > 1 ? " were missing." : " was missing."));
  std::vector<std::string> missing;
  for (const auto& entry : gap.missing()) missing.push_back(entry.display_name());
  paper.List(std::move(missing));
}

void AddAgenda(const MeetingRecord& record, Paper& paper) {
  std::vector<Row> rows = {{"Number", "Item", "Kind", "Presented by"}};
  for (const auto& entry : record.agenda.entries()) {
    const AgendaItem& item = entry.agenda_item();
    rows.push_back({entry.number(), item.display_name(), InWords(item.kind()),
                    PresentersText(item, record.names)});
  }
  paper.Part("Agenda");
  paper.Table(std::move(rows));
}

void AddStatements(const MeetingRecord& record, Paper& paper) {
  paper.Part("Statements");
  for (const Statement& statement : record.statements) {
    std::string speaker = CalledParty(statement.speaker(), record.names);
    if (statement.has_on_behalf_of()) {
      absl::StrAppend(&speaker, " on behalf of ",
                      CalledParty(statement.on_behalf_of(), record.names));
    }
    paper.Section(absl::StrCat(speaker, ": ", statement.topic()));
    paper.Paragraph(statement.summary().empty() ? "No summary is on record." : statement.summary());
  }
}

void AddDecisions(const MeetingRecord& record, Paper& paper) {
  paper.Part("Decisions");
  for (const Decision& decision : record.decisions) {
    paper.Section(absl::StrCat(
        decision.number() == 0 ? "" : absl::StrCat("Decision ", decision.number(), ": "),
        decision.display_name()));
    paper.Paragraph(decision.text());
    std::vector<std::string> facts;
    for (const std::string& fact : {InWords(decision.kind()), InWords(decision.procedure()),
                                    InWords(decision.state()), LongDate(decision.adopt_date())}) {
      if (!fact.empty()) facts.push_back(fact);
    }
    std::string line = absl::StrJoin(facts, "; ");
    if (!line.empty()) line[0] = absl::ascii_toupper(static_cast<unsigned char>(line[0]));
    paper.Paragraph(line);
  }
}

void AddFollowUp(const MeetingRecord& record, Paper& paper) {
  std::vector<Row> rows = {{"Action item", "Lead", "Due"}};
  for (const ActionItem& item : record.action_items) {
    rows.push_back(
        {item.display_name(), Called(LeadOf(item), record.names), LongDate(item.due_date())});
  }
  paper.Part("Open action items");
  paper.Table(std::move(rows));
  std::vector<Row> documents = {{"Document", "Kind", "Where"}};
  for (const Document& document : record.documents) {
    documents.push_back({document.display_name(), InWords(document.kind()),
                         document.has_content() ? document.name() : document.uri()});
  }
  paper.Part("Documents");
  paper.Table(std::move(documents));
}

}  // namespace

absl::StatusOr<Paper> MeetingPaper(Connection& connection, const std::string& meeting) {
  ASSIGN_OR_RETURN(const std::string name, MeetingName(meeting));
  ASSIGN_OR_RETURN(const MeetingRecord record, GatherMeeting(connection, name));
  Paper paper(record.meeting.display_name());
  AddHead(record, paper);
  AddAttendance(record, paper);
  AddAgenda(record, paper);
  AddStatements(record, paper);
  AddDecisions(record, paper);
  AddFollowUp(record, paper);
  return paper;
}

}  // namespace baliprocess::balictl
