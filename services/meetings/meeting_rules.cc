#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/type/timeofday.pb.h"

#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "common/base/term.h"
#include "services/meetings/calendar.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using google::type::TimeOfDay;
using resource::Scope;
using v1::Delegation;
using v1::Meeting;

bool IsTimeOfDay(const TimeOfDay& time) {
  return time.hours() >= 0 && time.hours() < 24 && time.minutes() >= 0 && time.minutes() < 60 &&
         time.seconds() >= 0 && time.seconds() < 60 && time.nanos() == 0;
}

int SecondsOf(const TimeOfDay& time) {
  return (time.hours() * 60 + time.minutes()) * 60 + time.seconds();
}

void ValidateTimes(const Meeting& meeting, const std::string& path, Violations& violations) {
  const bool one_day =
      !meeting.has_end_date() || FormatDate(meeting.end_date()) == FormatDate(meeting.start_date());
  for (const auto& [field, given, time] :
       {std::tuple(".start_time", meeting.has_start_time(), meeting.start_time()),
        std::tuple(".end_time", meeting.has_end_time(), meeting.end_time())}) {
    if (given && !IsTimeOfDay(time)) {
      violations.Add(path + field, "must be a time of day in whole seconds, 00:00:00 to 23:59:59");
    }
  }
  if (meeting.has_start_time() && meeting.start_date().day() == 0) {
    violations.Add(path + ".start_time", "needs a start_date that is known to the day");
  }
  if (meeting.has_start_time() && meeting.time_zone().empty()) {
    violations.Add(path + ".time_zone", "is required with a start_time");
  }
  if (!meeting.has_end_time()) return;
  if (!meeting.has_start_time()) violations.Add(path + ".end_time", "needs a start_time");
  if (meeting.has_end_date() && meeting.end_date().day() == 0) {
    violations.Add(path + ".end_time", "needs an end_date that is known to the day");
  }
  if (one_day && SecondsOf(meeting.end_time()) <= SecondsOf(meeting.start_time())) {
    violations.Add(path + ".end_time", "must be after start_time");
  }
}

void ValidateConfidential(const Meeting& meeting, const std::string& path, Violations& violations) {
  if (!meeting.confidential()) {
    if (meeting.consulted_members_size() > 0) {
      violations.Add(path + ".consulted_members",
                     "must be empty unless the meeting is confidential");
    }
    return;
  }
  constexpr char kRule[] =
      "must be absent: the record of a confidential meeting tells only that it "
      "takes place";
  if (!meeting.summary().empty()) violations.Add(path + ".summary", kRule);
  if (meeting.has_venue()) violations.Add(path + ".venue", kRule);
  if (meeting.has_review_period()) violations.Add(path + ".review_period", kRule);
  if (!meeting.review_since().empty()) violations.Add(path + ".review_since", kRule);
}

void Validate(const Meeting& meeting, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  ValidateDates(meeting, path, violations);
  ValidateTimes(meeting, path, violations);
  for (int i = 0; i < meeting.chairs_size(); ++i) {
    if (!meeting.chairs(i).official().empty() || !meeting.chairs(i).on_behalf_of().empty())
      continue;
    violations.Add(absl::StrCat(path, ".chairs[", i, "]"),
                   "must name an official, or the member that chairs");
  }
  for (int i = 0; i < meeting.colocated_with_size(); ++i) {
    if (meeting.colocated_with(i) != meeting.name()) continue;
    violations.Add(absl::StrCat(path, ".colocated_with[", i, "]"), "must be another meeting");
  }
  ValidateConfidential(meeting, path, violations);
}

absl::Status CheckOrdinal(Scope& scope, const Meeting& meeting) {
  if (meeting.ordinal() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const auto others,
      scope.Where<Meeting>("body = ? AND ordinal = ? AND name <> ?",
                           {meeting.body(), int64_t{meeting.ordinal()}, meeting.name()}));
  if (others.empty()) return absl::OkStatus();
  return RuleBroken(
      "ordinal_taken",
      absl::StrCat(others[0].name(), " is meeting ", meeting.ordinal(), " of ", meeting.body()),
      others[0].name());
}

// At another date, or of another body, participants may be something else.
absl::Status UpdateCapacities(Scope& scope, const Meeting& before, const Meeting& after) {
  if (before.body() == after.body() &&
      FormatDate(before.start_date()) == FormatDate(after.start_date())) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(auto delegations, scope.Where<Delegation>("parent = ?", {after.name()}));
  absl::Status unanswered;
  for (Delegation& delegation : delegations) {
    const auto capacity = CapacityOf(scope, after, delegation);
    if (resource::IsUnanswered(capacity.status())) {
      unanswered = capacity.status();  // go on: what must be asked for the others?
      continue;
    }
    RETURN_IF_ERROR(capacity.status());
    delegation.set_capacity(*capacity);
    RETURN_IF_ERROR(scope.Update(delegation));
  }
  return unanswered;
}

absl::Status Check(Scope& scope, const resource::ChangeOf<Meeting>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  const Meeting* const before = change.before;
  Meeting& after = change.after;
  if (after.state() == Meeting::STATE_UNSPECIFIED) after.set_state(Meeting::PLANNED);
  RETURN_IF_ERROR(CheckOrdinal(scope, after));
  if (before == nullptr) return absl::OkStatus();
  if (ShownInCalendar(*before) != ShownInCalendar(after)) {
    after.set_sequence(before->sequence() + 1);
  }
  return UpdateCapacities(scope, *before, after);
}

}  // namespace

resource::Rules MeetingRules() { return resource::RulesOf<Meeting>(Validate, Check); }

}  // namespace baliprocess::meetings
