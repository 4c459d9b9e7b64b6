// balictl due: what runs out, for whom, and by when.

#include <algorithm>
#include <optional>
#include <ostream>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "baliprocess/meetings/v1/action_item.pb.h"
#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/moments.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::ActionItem;
using meetings::v1::Decision;
using meetings::v1::Meeting;

struct Due {
  int32_t day = 0;  // the last one that it may be, yyyymmdd; 0: it isn't known
  std::string when;
  std::string what;
  std::string name;
  std::string who;
  bool overdue = false;
};

// The day's number, or 0 where there is no date.
int32_t LastDay(const google::type::Date& date) { return WhyInvalid(date) ? 0 : DaysOf(date).last; }

absl::Status AddSilences(Connection& connection, std::vector<Due>& due) {
  ASSIGN_OR_RETURN(const auto found,
                   ListOf<Decision>(connection, "decisions", "state = SILENCE_OPEN"));
  for (const Decision& decision : found) {
    const absl::Time end = absl::FromUnixSeconds(decision.silence_end_time().seconds());
    due.push_back({LastDay(DayOf(end)), FormatMoment(decision.silence_end_time()),
                   "silence ends: " + decision.display_name(), decision.name(),
                   absl::StrJoin(decision.eligible_members(), ", "), end < absl::Now()});
  }
  return absl::OkStatus();
}

absl::Status AddActionItems(Connection& connection, std::vector<Due>& due) {
  ASSIGN_OR_RETURN(const auto found, ListOf<ActionItem>(connection, "actionItems", "state = OPEN"));
  for (const ActionItem& item : found) {
    const int32_t day = item.has_due_date() ? LastDay(item.due_date()) : 0;
    due.push_back({day, day == 0 ? "" : FormatDate(item.due_date()),
                   "to do: " + item.display_name(), item.name(), item.lead_member()});
  }
  return absl::OkStatus();
}

absl::Status AddMeetings(Connection& connection, std::vector<Due>& due) {
  ASSIGN_OR_RETURN(const auto found, ListOf<Meeting>(connection, "meetings", "state = PLANNED"));
  for (const Meeting& meeting : found) {
    const int32_t day = meeting.has_start_date() ? LastDay(meeting.start_date()) : 0;
    due.push_back({day, day == 0 ? "" : FormatDate(meeting.start_date()),
                   "meets: " + meeting.display_name(), meeting.name(), meeting.body()});
  }
  return absl::OkStatus();
}

absl::StatusOr<int32_t> Until(const Arguments& arguments) {
  const std::string text = arguments.Text("until");
  if (text.empty()) return 99999999;
  const auto date = ParseDate(text);
  if (!date) return UsageError("--until must be a date such as 2025, 2025-02 or 2025-02-14");
  return DaysOf(*date).last;
}

absl::Status ShowDue(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const int32_t until, Until(arguments));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  std::vector<Due> due;
  RETURN_IF_ERROR(AddSilences(*connection, due));
  RETURN_IF_ERROR(AddActionItems(*connection, due));
  RETURN_IF_ERROR(AddMeetings(*connection, due));
  std::erase_if(due, [until](const Due& one) { return one.day > until; });
  // What has no date comes last.
  std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return std::tuple(a.day == 0, a.day, a.when, a.name) <
           std::tuple(b.day == 0, b.day, b.when, b.name);
  });
  const int32_t today = LastDay(DayOf(absl::Now()));
  std::vector<Row> rows = {{"NAME", "WHEN", "", "FOR", "WHAT"}};
  for (const Due& one : due) {
    rows.push_back({one.name, one.when.empty() ? "not known" : one.when,
                    one.overdue || (one.day != 0 && one.day < today) ? "OVERDUE" : "", one.who,
                    one.what});
  }
  io.out << FormatTable(std::move(rows), io.width);
  if (due.empty()) io.err << "nothing is due\n";
  return absl::OkStatus();
}

}  // namespace

Command DueCommand() {
  return {.name = "due",
          .summary = "Show what runs out, for whom, and by when",
          .description =
              "Shows silences that run out, action items that are open, and meetings that are "
              "planned: the soonest first, what has no date last. A date of a month or a year is "
              "overdue when its last day is over.\n\nExample:\n  balictl due --until 2025-06",
          .flags = WithConnection({{"until", "DATE", "", "Nothing that is due after this."}}),
          .run = ShowDue};
}

}  // namespace baliprocess::balictl
