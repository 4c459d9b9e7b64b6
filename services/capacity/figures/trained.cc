#include "services/capacity/figures/trained.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/resource/store/table.h"
#include "services/capacity/figures/disclosure.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;

constexpr char kNumbers[] =
    "COUNT(DISTINCT person), COUNT(DISTINCT person || ' ' || activity), "
    "COUNT(DISTINCT CASE WHEN from_state THEN member END)";

// SELECT of every attendance: person, activity, member, from_state, agency, kind, body.
Sql AttendanceRows(const Scope& scope, const Period& period) {
  Sql sql;
  sql.Add(absl::StrCat("SELECT ", kPerson,
                       " AS person, a.name AS activity, x.member AS member, "
                       "x.from_state AS from_state, x.agency AS agency, a.kind AS kind, "
                       "a.body AS body"));
  const Sql from = Attendances(scope, "", period, Belonging::kCertain);
  return sql.Add(from.text, from.params);
}

TrainedNumbers NumbersIn(const storage::Row& row, size_t first) {
  return {storage::AsInt(row[first]), storage::AsInt(row[first + 1]),
          storage::AsInt(row[first + 2])};
}

// What a row is grouped by; of areas there may be several, which are references of the activity.
std::string KeyOf(Grouping grouping) {
  switch (grouping) {
    case Grouping::kMember:
      return "member";
    case Grouping::kArea:
      return "COALESCE(r.target, '')";
    case Grouping::kAgency:
      return "agency";
    case Grouping::kBody:
      return "body";
    case Grouping::kActivity:
      return "activity";
    default:
      return "kind";
  }
}

// The areas that the caller may see; activities of none of them are in the group without an area.
std::string JoinAreas(const Scope& scope) {
  const resource::ResourceType& type = *scope.registry().Find(v1::StrategyArea::descriptor());
  return absl::StrCat(
      " LEFT JOIN resource_references r ON r.referrer = t.activity AND r.target IN (SELECT name "
      "FROM strategy_areas WHERE ",
      resource::VisibleCondition(type, resource::Viewer(scope.caller())), ")");
}

}  // namespace

absl::StatusOr<TrainedNumbers> TrainedInAll(Scope& scope, const Period& period) {
  const Sql rows = AttendanceRows(scope, period);
  ASSIGN_OR_RETURN(const auto found,
                   scope.tx().Query(absl::StrCat("SELECT ", kNumbers, " FROM (", rows.text, ") t"),
                                    rows.params));
  return NumbersIn(found[0], 0);
}

absl::StatusOr<std::vector<TrainedGroup>> TrainedInGroups(Scope& scope, const Period& period,
                                                          Grouping grouping) {
  const Sql rows = AttendanceRows(scope, period);
  const std::string areas = grouping == Grouping::kArea ? JoinAreas(scope) : "";
  ASSIGN_OR_RETURN(
      const auto found,
      scope.tx().Query(absl::StrCat("SELECT ", KeyOf(grouping), " AS group_key, ", kNumbers,
                                    " FROM (", rows.text, ") t", areas, " GROUP BY group_key"),
                       rows.params));
  std::vector<TrainedGroup> groups;
  for (const storage::Row& row : found) {
    const std::string key =
        grouping == Grouping::kActivityKind
            ? v1::Activity::Kind_Name(static_cast<v1::Activity::Kind>(storage::AsInt(row[0])))
            : storage::AsText(row[0]);
    groups.push_back({key, NumbersIn(row, 1)});
  }
  std::sort(groups.begin(), groups.end(),
            [](const TrainedGroup& a, const TrainedGroup& b) { return a.key < b.key; });
  return groups;
}

absl::StatusOr<ForPublic> JudgePeriod(Scope& scope, const Period& period) {
  ForPublic told;
  ASSIGN_OR_RETURN(const TrainedNumbers total, TrainedInAll(scope, period));
  for (const Grouping grouping : {Grouping::kMember, Grouping::kArea, Grouping::kActivityKind,
                                  Grouping::kAgency, Grouping::kBody, Grouping::kActivity}) {
    ASSIGN_OR_RETURN(const auto groups, TrainedInGroups(scope, period, grouping));
    std::vector<int64_t> persons;
    for (const TrainedGroup& group : groups) persons.push_back(group.numbers.practitioners);
    told.numbers = told.numbers && !AnySmall(persons, total.practitioners);
    told.total = told.total && TotalIsSafe(persons);
  }
  return told;
}

}  // namespace baliprocess::capacity
