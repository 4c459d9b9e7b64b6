#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/meetings/v1/delegate.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "common/base/term.h"
#include "common/resource/contract/names.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Delegate;
using v1::Meeting;

constexpr int kMostYears = 10;

// A meeting and what it may conflict over.
struct Engagement {
  Meeting meeting;
  DayTerm days;
  std::set<std::string> officials;
};

DayTerm DaysOf(const Meeting& meeting) {
  const DayRange start = baliprocess::DaysOf(meeting.start_date());
  if (!meeting.has_end_date()) return {start, start};
  return {start, baliprocess::DaysOf(meeting.end_date())};
}

absl::Status CheckPeriod(const common::v1::Term& period) {
  if (!period.has_start_date() || !period.has_end_date()) {
    return InvalidField("period", "must have a start_date and an end_date");
  }
  if (period.end_date().year() - period.start_date().year() > kMostYears) {
    return InvalidField("period", "must be at most ten years");
  }
  return absl::OkStatus();
}

bool HeldTogether(const Meeting& a, const Meeting& b) {
  const auto names = [](const Meeting& from, const Meeting& to) {
    return std::find(from.colocated_with().begin(), from.colocated_with().end(), to.name()) !=
           from.colocated_with().end();
  };
  return names(a, b) || names(b, a);
}

absl::StatusOr<std::vector<Engagement>> Engagements(Scope& scope, const common::v1::Term& period) {
  const std::string condition =
      "start_date_first <= ? AND COALESCE(end_date_last, start_date_last) >= ? AND "
      "state IN (?, ?, ?)";
  const std::vector<storage::Value> params = {
      int64_t{baliprocess::DaysOf(period.end_date()).last},
      int64_t{baliprocess::DaysOf(period.start_date()).first}, int64_t{Meeting::PLANNED},
      int64_t{Meeting::CONVENED}, int64_t{Meeting::CONCLUDED}};
  ASSIGN_OR_RETURN(auto meetings, scope.VisibleWhere<Meeting>(condition, params));
  ASSIGN_OR_RETURN(
      const auto delegates,
      scope.VisibleWhere<Delegate>(
          absl::StrCat("person_official <> '' AND parent IN (SELECT name FROM delegations WHERE "
                       "parent IN (SELECT name FROM meetings WHERE ",
                       condition, "))"),
          params));
  std::map<std::string, std::set<std::string>> by_meeting;
  for (const Delegate& delegate : delegates) {
    const std::string meeting = resource::ParentOf(resource::ParentOf(delegate.name()));
    by_meeting[meeting].insert(delegate.person().official());
  }
  std::vector<Engagement> engagements;
  for (Meeting& meeting : meetings) {
    std::set<std::string> officials = std::move(by_meeting[meeting.name()]);
    for (const Meeting::Chair& chair : meeting.chairs()) officials.insert(chair.official());
    officials.erase("");
    const DayTerm days = DaysOf(meeting);
    engagements.push_back({std::move(meeting), days, std::move(officials)});
  }
  return engagements;
}

void AddConflict(const Engagement& a, const Engagement& b, const std::string& body,
                 v1::ListConflictsResponse& reply) {
  if (HeldTogether(a.meeting, b.meeting)) return;
  if (!body.empty() && a.meeting.body() != body && b.meeting.body() != body) return;
  const Truth overlap = Overlap(a.days, b.days);
  if (overlap == Truth::kFalse) return;
  std::vector<std::string> shared;
  std::set_intersection(a.officials.begin(), a.officials.end(), b.officials.begin(),
                        b.officials.end(), std::back_inserter(shared));
  const bool same_body = a.meeting.body() == b.meeting.body();
  if (!same_body && shared.empty()) return;
  auto& conflict = *reply.add_conflicts();
  conflict.add_meetings(a.meeting.name());
  conflict.add_meetings(b.meeting.name());
  if (same_body) conflict.set_body(a.meeting.body());
  for (const std::string& official : shared) conflict.add_officials(official);
  conflict.set_overlap(ToProto(overlap));
}

}  // namespace

absl::Status ListConflicts(Scope& scope, const v1::ListConflictsRequest& request,
                           v1::ListConflictsResponse& reply) {
  RETURN_IF_ERROR(CheckPeriod(request.period()));
  ASSIGN_OR_RETURN(const auto engagements, Engagements(scope, request.period()));
  for (size_t i = 0; i < engagements.size(); ++i) {
    for (size_t j = i + 1; j < engagements.size(); ++j) {
      AddConflict(engagements[i], engagements[j], request.body(), reply);
    }
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::meetings
