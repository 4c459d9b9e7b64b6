#include "services/capacity/figures/figures.h"

#include "absl/strings/str_cat.h"

#include "baliprocess/api/v1/visibility.pb.h"
#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/participation.pb.h"
#include "baliprocess/capacity/v1/publication.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "common/resource/store/table.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;
using storage::Value;
using v1::Activity;
using v1::Participation;
using v1::ReportedFigure;

constexpr char kWorkshopsAndTrainings[] = "2, 3";
static_assert(Activity::WORKSHOP == 2 && Activity::TRAINING == 3);

// As in kTrained.
static_assert(Participation::TRAINEE == 1 && Participation::ATTENDED == 1);

// SQL: the practitioner that stands for the person of `p`.
constexpr char kPerson[] = "CASE WHEN p.survivor = '' THEN p.name ELSE p.survivor END";

// Adds the condition that a date lies in the period. Without a date, it may.
void AddBelonging(const std::string& date, const Period& period, Belonging belonging, Sql& sql) {
  const int64_t first = period.first;
  const int64_t last = period.last;
  switch (belonging) {
    case Belonging::kCertain:
      sql.Add(absl::StrCat(" AND ", date, "_first >= ? AND ", date, "_last <= ?"), {first, last});
      return;
    case Belonging::kPossible:
      sql.Add(absl::StrCat(" AND (", date, "_first IS NULL OR (", date, "_first <= ? AND ", date,
                           "_last >= ?))"),
              {last, first});
      return;
    case Belonging::kUndecided:
      sql.Add(absl::StrCat(" AND (", date, "_first IS NULL OR (", date, "_first <= ? AND ", date,
                           "_last >= ? AND (", date, "_first < ? OR ", date, "_last > ?)))"),
              {last, first, first, last});
      return;
  }
}

// Adds the condition that the caller may see the resource of the type that is called `name`.
template <typename T>
void AddVisible(const Scope& scope, const std::string& name, Sql& sql) {
  const Sql visible = VisibleNames(scope, *scope.registry().Find(T::descriptor()));
  sql.Add(absl::StrCat(" AND ", name, " IN (", visible.text, ")"), visible.params);
}

void AddBody(const std::string& column, const std::string& body, Sql& sql) {
  if (!body.empty()) sql.Add(absl::StrCat(" AND ", column, " = ?"), {body});
}

// FROM and WHERE of completed activities `a` of some kinds.
Sql FromActivities(const Scope& scope, const std::string& kinds, const std::string& body,
                   const Period& period, Belonging belonging) {
  Sql sql;
  sql.Add(absl::StrCat(" FROM activities a WHERE a.delete_time IS NULL AND a.state = ",
                       static_cast<int>(Activity::COMPLETED), " AND a.kind IN (", kinds, ")"));
  AddVisible<Activity>(scope, "a.name", sql);
  AddBody("a.body", body, sql);
  AddBelonging("a.start_date", period, belonging, sql);
  return sql;
}

Sql Activities(const Scope& scope, const std::string& kinds, const std::string& body,
               const Period& period, Belonging belonging) {
  Sql sql;
  sql.Add(
      "SELECT a.name AS name, a.name AS counts_as, a.display_name AS display_name, "
      "a.start_date_first AS first_day, a.start_date_last AS last_day");
  const Sql from = FromActivities(scope, kinds, body, period, belonging);
  return sql.Add(from.text, from.params);
}

// What has no date isn't published yet.
Sql Publications(const Scope& scope, const std::string& body, const Period& period,
                 Belonging belonging) {
  Sql sql;
  sql.Add(
      "SELECT name, name AS counts_as, display_name, publish_date_first AS first_day, "
      "publish_date_last AS last_day FROM publications "
      "WHERE delete_time IS NULL AND publish_date_first IS NOT NULL");
  AddVisible<v1::Publication>(scope, "name", sql);
  AddBody("body", body, sql);
  AddBelonging("publish_date", period, belonging, sql);
  return sql;
}

// The participations are looked up in the few activities of the period, whatever a planner knows of
// their numbers: on SQLite a CROSS JOIN isn't reordered.
Sql Participations(const Scope& scope, const std::string& counts_as, const std::string& condition,
                   const std::string& body, const Period& period, Belonging belonging) {
  const Sql from = Trainings(scope, body, period, belonging);
  Sql sql;
  sql.Add(absl::StrCat("SELECT x.name AS name, ", counts_as,
                       " AS counts_as, a.display_name AS display_name, a.first_day AS first_day, "
                       "a.last_day AS last_day FROM (SELECT a.name, a.display_name, "
                       "a.start_date_first AS first_day, a.start_date_last AS last_day",
                       from.text),
          from.params);
  return sql.Add(
      absl::StrCat(") a CROSS JOIN participations x CROSS JOIN practitioners p WHERE p.name = "
                   "x.practitioner AND ",
                   kTrained, condition));
}

bool IsCalendarYear(const Period& period) {
  return period.first % 10000 == 101 && period.last % 10000 == 1231 &&
         period.first / 10000 == period.last / 10000;
}

}  // namespace

Sql& Sql::Add(const std::string& more, const std::vector<Value>& values) {
  text += more;
  params.insert(params.end(), values.begin(), values.end());
  return *this;
}

Sql VisibleNames(const Scope& scope, const resource::ResourceType& type) {
  const resource::Condition visible = resource::VisibleTo(type, resource::Viewer(scope.caller()));
  Sql sql;
  sql.Add(absl::StrCat("SELECT name FROM ", type.plural, " WHERE "))
      .Add(visible.sql, visible.params);
  return sql;
}

bool IsPublic(const Scope& scope) {
  return scope.caller().clearance() < api::v1::Visibility::MEMBERS;
}

absl::StatusOr<Period> PeriodOf(const Scope& scope, const common::v1::Term& term) {
  Violations violations;
  if (!term.has_start_date()) violations.Add("period.start_date", "is required");
  if (!term.has_end_date()) violations.Add("period.end_date", "is required");
  RETURN_IF_ERROR(violations.ToStatus());
  const Period period = {DaysOf(term.start_date()).first, DaysOf(term.end_date()).last};
  if (IsPublic(scope) && !IsCalendarYear(period)) {
    return InvalidField("period", "must be one calendar year for callers without a token");
  }
  return period;
}

Sql Trainings(const Scope& scope, const std::string& body, const Period& period,
              Belonging belonging) {
  return FromActivities(scope, kWorkshopsAndTrainings, body, period, belonging);
}

Sql RecordsOf(const Scope& scope, ReportedFigure::Measure measure, const std::string& body,
              const Period& period, Belonging belonging) {
  switch (measure) {
    case ReportedFigure::DIALOGUES:
      return Activities(scope, absl::StrCat(static_cast<int>(Activity::DIALOGUE)), body, period,
                        belonging);
    case ReportedFigure::MEETINGS_SUPPORTED:
      return Activities(scope, absl::StrCat(static_cast<int>(Activity::MEETING_SUPPORT)), body,
                        period, belonging);
    case ReportedFigure::EXTERNAL_EVENTS:
      return Activities(scope, absl::StrCat(static_cast<int>(Activity::EXTERNAL_EVENT)), body,
                        period, belonging);
    case ReportedFigure::PUBLICATIONS:
      return Publications(scope, body, period, belonging);
    case ReportedFigure::PRACTITIONERS_TRAINED:
      return Participations(scope, kPerson, "", body, period, belonging);
    case ReportedFigure::MEMBER_STATES_REACHED:
      return Participations(scope, "x.member", " AND x.from_state", body, period, belonging);
    default:  // WORKSHOPS_AND_TRAININGS; others are refused before
      return Activities(scope, kWorkshopsAndTrainings, body, period, belonging);
  }
}

const resource::ResourceType& RecordTypeOf(const Scope& scope, ReportedFigure::Measure measure) {
  switch (measure) {
    case ReportedFigure::PUBLICATIONS:
      return *scope.registry().Find(v1::Publication::descriptor());
    case ReportedFigure::PRACTITIONERS_TRAINED:
    case ReportedFigure::MEMBER_STATES_REACHED:
      return *scope.registry().Find(Participation::descriptor());
    default:
      return *scope.registry().Find(Activity::descriptor());
  }
}

}  // namespace baliprocess::capacity
