// The records that figures are made of. A figure is the number of distinct things that its records
// count as: what is counted and what is listed behind the count come from the same query.

#ifndef BALIPROCESS_SERVICES_CAPACITY_FIGURES_FIGURES_H_
#define BALIPROCESS_SERVICES_CAPACITY_FIGURES_FIGURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "baliprocess/common/v1/term.pb.h"
#include "common/resource/engine/scope.h"
#include "common/storage/database.h"

namespace baliprocess::capacity {

// The days of a period, as `yyyymmdd`, both included.
struct Period {
  int64_t first = 0;
  int64_t last = 0;
};

// The period that a request asks for: both ends are required, and a caller without a token may ask
// for calendar years only, one at a time, as from others small numbers could be worked out.
absl::StatusOr<Period> PeriodOf(const resource::Scope& scope, const common::v1::Term& term);

// Whether a caller has to be kept from small numbers of persons.
bool IsPublic(const resource::Scope& scope);

// How a record belongs to a period.
enum class Belonging {
  kCertain,    // every day that its partial date may stand for is in the period
  kUndecided,  // some of these days are in the period, and some aren't
  kPossible,   // kCertain or kUndecided
};

// SQL with its parameters.
struct Sql {
  std::string text;
  std::vector<storage::Value> params;

  Sql& Add(const std::string& more, const std::vector<storage::Value>& values = {});
};

// SELECT of the names of the resources of a type that the caller may see.
Sql VisibleNames(const resource::Scope& scope, const resource::ResourceType& type);

// SELECT name, counts_as, display_name, first_day, last_day: the records behind `measure`, of a
// body, or of all when `body` is empty. Activities and publications are those that the caller may
// see; persons at these activities count, whether their participations can be seen or not.
Sql RecordsOf(const resource::Scope& scope, v1::ReportedFigure::Measure measure,
              const std::string& body, const Period& period, Belonging belonging);

// The resource type of these records.
const resource::ResourceType& RecordTypeOf(const resource::Scope& scope,
                                           v1::ReportedFigure::Measure measure);

// FROM and WHERE of the workshops and trainings at which persons were trained: activities `a`.
Sql Trainings(const resource::Scope& scope, const std::string& body, const Period& period,
              Belonging belonging);

// SQL: the participations `x` in an activity `a` by which persons were trained. The index of
// kTrainedIndex has them, and all that is counted of them.
inline constexpr char kTrained[] =
    "x.parent = a.name AND x.role = 1 AND x.attendance = 1 AND x.delete_time IS NULL";
inline constexpr char kTrainedIndex[] =
    "parent, role, attendance, member, from_state, practitioner, agency, delete_time";

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_FIGURES_H_
