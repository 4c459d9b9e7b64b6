// balictl report year: what a body, or all of them, did in a year.

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/display_names.h"
#include "services/balictl/client/figures_table.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/client/meeting_record.h"
#include "services/balictl/commands/papers.h"
#include "services/balictl/contract/long_dates.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

using capacity::v1::Activity;
using capacity::v1::Figures;
using meetings::v1::ActionItem;
using meetings::v1::Decision;
using meetings::v1::Meeting;
using membership::v1::Body;
using membership::v1::Seat;

// What is asked for.
struct Year {
  std::string body;  // `bodies/ahg`; "": all
  google::type::Date date;

  // `start_date = 2024`, of this body.
  std::string Filter(const std::string& condition) const {
    if (body.empty()) return condition;
    return absl::StrCat(condition, condition.empty() ? "" : " AND ", "body = \"", body, "\"");
  }
  std::string During(const std::string& field) const {
    return absl::StrCat(field, " = \"", FormatDate(date), "\"");
  }
};

// What was found, as far as the caller sees it.
struct YearRecord {
  std::vector<Meeting> meetings;
  std::vector<Seat> begun;
  std::vector<Seat> ended;
  std::vector<Decision> decisions;
  std::vector<ActionItem> action_items;
  std::vector<Activity> activities;
  std::vector<Figures> figures;
  DisplayNames names;

  std::string Called(const std::string& resource) const {
    const std::string name = names.Get(resource);
    return name.empty() ? resource : name;
  }
};

// Whether a date certainly belongs to the year.
bool IsIn(const google::type::Date& date, const Year& year) {
  if (WhyInvalid(date)) return false;
  const DayRange days = DaysOf(date);
  const DayRange all = DaysOf(year.date);
  return days.first >= all.first && days.last <= all.last;
}

template <typename Resource>
void SortByStart(std::vector<Resource>& resources) {
  std::stable_sort(resources.begin(), resources.end(), [](const Resource& a, const Resource& b) {
    return std::tuple(DaysOf(a.start_date()).first, a.name()) <
           std::tuple(DaysOf(b.start_date()).first, b.name());
  });
}

absl::Status FindMeetings(Connection& connection, const Year& year, YearRecord& record) {
  ASSIGN_OR_RETURN(record.meetings,
                   ListOf<Meeting>(connection, "meetings", year.Filter(year.During("start_date"))));
  SortByStart(record.meetings);
  std::set<std::string> held;
  for (const Meeting& meeting : record.meetings) held.insert(meeting.name());
  ASSIGN_OR_RETURN(const auto decisions,
                   ListOf<Decision>(connection, "decisions", year.Filter("")));
  for (const Decision& decision : decisions) {
    const bool stands =
        decision.state() == Decision::ADOPTED || decision.state() == Decision::ON_RECORD;
    const bool then = decision.has_adopt_date() ? IsIn(decision.adopt_date(), year)
                                                : held.contains(decision.meeting());
    if (stands && then) record.decisions.push_back(decision);
  }
  ASSIGN_OR_RETURN(const auto items,
                   ListOf<ActionItem>(connection, "actionItems", year.Filter("")));
  for (const ActionItem& item : items) {
    if (held.contains(item.meeting()) || IsIn(item.close_date(), year) ||
        IsIn(item.due_date(), year)) {
      record.action_items.push_back(item);
    }
  }
  return absl::OkStatus();
}

absl::Status FindSeats(Connection& connection, const Year& year, YearRecord& record) {
  const std::string seats = absl::StrCat(year.body.empty() ? "bodies/-" : year.body, "/seats");
  ASSIGN_OR_RETURN(record.begun, ListOf<Seat>(connection, seats, year.During("term.start_date")));
  ASSIGN_OR_RETURN(record.ended, ListOf<Seat>(connection, seats, year.During("term.end_date")));
  return absl::OkStatus();
}

absl::Status FindCapacity(Connection& connection, const Year& year, YearRecord& record) {
  ASSIGN_OR_RETURN(record.activities, ListOf<Activity>(connection, "activities",
                                                       year.Filter(year.During("start_date"))));
  SortByStart(record.activities);
  std::vector<std::string> bodies = {year.body};
  if (year.body.empty()) {
    bodies.clear();
    ASSIGN_OR_RETURN(const auto all, ListOf<Body>(connection, "bodies"));
    for (const Body& body : all) bodies.push_back(body.name());
  }
  for (const std::string& body : bodies) {
    ASSIGN_OR_RETURN(Figures figures, GetFigures(connection, body, FormatDate(year.date)));
    record.figures.push_back(std::move(figures));
  }
  return absl::OkStatus();
}

// Whether there is anything to tell: nothing but zeros isn't.
bool HasFigures(const Figures& figures) {
  return std::any_of(figures.entries().begin(), figures.entries().end(), [](const auto& entry) {
    return !entry.reported().empty() || entry.computed().value() != 0 ||
           entry.undecided().value() != 0;
  });
}

std::set<std::string> Mentioned(const Year& year, const YearRecord& record) {
  std::set<std::string> names = {year.body};
  for (const Meeting& meeting : record.meetings) names.insert(meeting.body());
  for (const auto* seats : {&record.begun, &record.ended}) {
    for (const Seat& seat : *seats) {
      names.insert({seat.member(), seat.name().substr(0, seat.name().find("/seats/"))});
    }
  }
  for (const Decision& decision : record.decisions) names.insert(decision.body());
  for (const ActionItem& item : record.action_items) names.insert({LeadOf(item), item.body()});
  for (const Activity& activity : record.activities) names.insert(activity.body());
  for (const Figures& figures : record.figures) names.insert(figures.body());
  return names;
}

void AddMeetings(const YearRecord& record, Paper& paper) {
  std::vector<Row> rows = {{"When", "Meeting", "Body", "Where", "State"}};
  for (const Meeting& meeting : record.meetings) {
    rows.push_back({LongDates(meeting.start_date(), meeting.end_date()), meeting.display_name(),
                    record.Called(meeting.body()), PlaceText(meeting.venue()),
                    InWords(meeting.state())});
  }
  paper.Part("Meetings");
  paper.Table(std::move(rows));
  std::vector<Row> decisions = {{"Number", "Decision", "Body", "Date", "Procedure"}};
  for (const Decision& decision : record.decisions) {
    decisions.push_back({decision.number() == 0 ? "" : absl::StrCat(decision.number()),
                         decision.display_name(), record.Called(decision.body()),
                         LongDate(decision.adopt_date()), InWords(decision.procedure())});
  }
  paper.Part("Decisions");
  paper.Table(std::move(decisions));
  std::vector<Row> items = {{"Action item", "Lead", "Due", "State", "Closed"}};
  for (const ActionItem& item : record.action_items) {
    items.push_back({item.display_name(), record.Called(LeadOf(item)), LongDate(item.due_date()),
                     InWords(item.state()), LongDate(item.close_date())});
  }
  paper.Part("Action items");
  paper.Table(std::move(items));
}

void AddSeats(const std::string& title, const std::vector<Seat>& seats, const YearRecord& record,
              Paper& paper) {
  std::vector<Row> rows = {{"Body", "Member", "As", "From", "To"}};
  for (const Seat& seat : seats) {
    rows.push_back({record.Called(seat.name().substr(0, seat.name().find("/seats/"))),
                    record.Called(seat.member()), InWords(seat.role()),
                    LongDate(seat.term().start_date()), LongDate(seat.term().end_date())});
  }
  paper.Part(title);
  paper.Table(std::move(rows));
}

void AddCapacity(const YearRecord& record, Paper& paper) {
  std::vector<Row> rows = {{"When", "Activity", "Body", "Kind", "State"}};
  for (const Activity& activity : record.activities) {
    rows.push_back({LongDates(activity.start_date(), activity.end_date()), activity.display_name(),
                    record.Called(activity.body()), InWords(activity.kind()),
                    InWords(activity.state())});
  }
  paper.Part("Activities");
  paper.Table(std::move(rows));
  paper.Part("Figures");
  for (const Figures& figures : record.figures) {
    if (!HasFigures(figures)) continue;
    paper.Section(record.Called(figures.body()));
    paper.Table(FigureRowsInWords(figures));
  }
}

absl::StatusOr<Year> ReadYear(const std::string& body, const std::string& text) {
  const auto date = ParseDate(text);
  if (!date || date->month() != 0) return UsageError("the year must be a year such as 2024");
  if (body == "all") return Year{"", *date};
  return Year{absl::StartsWith(body, "bodies/") ? body : absl::StrCat("bodies/", body), *date};
}

}  // namespace

absl::StatusOr<Paper> YearPaper(Connection& connection, const std::string& body,
                                const std::string& text) {
  ASSIGN_OR_RETURN(const Year year, ReadYear(body, text));
  YearRecord record;
  // First what fails when there is no such body.
  RETURN_IF_ERROR(FindCapacity(connection, year, record));
  RETURN_IF_ERROR(FindMeetings(connection, year, record));
  RETURN_IF_ERROR(FindSeats(connection, year, record));
  ASSIGN_OR_RETURN(record.names, DisplayNames::Of(connection, Mentioned(year, record)));
  Paper paper(absl::StrCat(year.body.empty() ? "All bodies" : record.Called(year.body), ": ",
                           year.date.year()));
  paper.Paragraph(
      "What certainly belongs to the year. What has no date, or one that leaves the year open, "
      "isn't "
      "here.");
  AddMeetings(record, paper);
  AddSeats("Seats that began", record.begun, record, paper);
  AddSeats("Seats that ended", record.ended, record, paper);
  AddCapacity(record, paper);
  return paper;
}

}  // namespace baliprocess::balictl
