#include "services/capacity/trained.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/capacity/disclosure.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;
using v1::CountPractitionersRequest;

constexpr char kNumbers[] =
    "COUNT(DISTINCT person), COUNT(DISTINCT person || ' ' || activity), "
    "COUNT(DISTINCT CASE WHEN from_state THEN member END)";

// SELECT of every attendance: person, activity, member, from_state, agency, kind.
Sql AttendanceRows(const Period& period) {
  Sql sql;
  sql.Add(absl::StrCat("SELECT ", kPerson,
                       " AS person, a.name AS activity, x.member AS member, "
                       "x.from_state AS from_state, x.agency AS agency, a.kind AS kind"));
  const Sql from = Attendances("", period, Belonging::kCertain);
  return sql.Add(from.text, from.params);
}

TrainedNumbers NumbersIn(const storage::Row& row, size_t first) {
  return {storage::AsInt(row[first]), storage::AsInt(row[first + 1]),
          storage::AsInt(row[first + 2])};
}

// What a row is grouped by; of areas there may be several, which are references of the activity.
std::string KeyOf(GroupBy group_by) {
  switch (group_by) {
    case CountPractitionersRequest::MEMBER:
      return "member";
    case CountPractitionersRequest::AREA:
      return "COALESCE(r.target, '')";
    case CountPractitionersRequest::AGENCY:
      return "agency";
    default:
      return "kind";
  }
}

}  // namespace

absl::StatusOr<TrainedNumbers> TrainedInAll(Scope& scope, const Period& period) {
  const Sql rows = AttendanceRows(period);
  ASSIGN_OR_RETURN(const auto found,
                   scope.tx().Query(absl::StrCat("SELECT ", kNumbers, " FROM (", rows.text, ") t"),
                                    rows.params));
  return NumbersIn(found[0], 0);
}

absl::StatusOr<std::vector<TrainedGroup>> TrainedInGroups(Scope& scope, const Period& period,
                                                          GroupBy group_by) {
  const Sql rows = AttendanceRows(period);
  std::string query = absl::StrCat("SELECT ", KeyOf(group_by), " AS group_key, ", kNumbers,
                                   " FROM (", rows.text, ") t");
  if (group_by == CountPractitionersRequest::AREA) {
    absl::StrAppend(&query,
                    " LEFT JOIN resource_references r ON r.referrer = t.activity AND r.target "
                    "LIKE 'strategies/%/areas/%'");
  }
  absl::StrAppend(&query, " GROUP BY group_key");
  ASSIGN_OR_RETURN(const auto found, scope.tx().Query(query, rows.params));
  std::vector<TrainedGroup> groups;
  for (const storage::Row& row : found) {
    const std::string key =
        group_by == CountPractitionersRequest::ACTIVITY_KIND
            ? v1::Activity::Kind_Name(static_cast<v1::Activity::Kind>(storage::AsInt(row[0])))
            : storage::AsText(row[0]);
    groups.push_back({key, NumbersIn(row, 1)});
  }
  std::sort(groups.begin(), groups.end(),
            [](const TrainedGroup& a, const TrainedGroup& b) { return a.key < b.key; });
  return groups;
}

absl::StatusOr<bool> MayTellTotal(Scope& scope, const Period& period) {
  for (const GroupBy group_by :
       {CountPractitionersRequest::MEMBER, CountPractitionersRequest::AREA,
        CountPractitionersRequest::ACTIVITY_KIND, CountPractitionersRequest::AGENCY}) {
    ASSIGN_OR_RETURN(const auto groups, TrainedInGroups(scope, period, group_by));
    std::vector<int64_t> persons;
    for (const TrainedGroup& group : groups) persons.push_back(group.numbers.practitioners);
    if (!Judge(persons).total) return false;
  }
  return true;
}

}  // namespace baliprocess::capacity
