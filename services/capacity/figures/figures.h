// The records that figures are made of. A figure is the number of distinct things that its records
// count as: what is counted and what is listed behind the count come from the same query.

#ifndef BALIPROCESS_SERVICES_CAPACITY_FIGURES_FIGURES_H_
#define BALIPROCESS_SERVICES_CAPACITY_FIGURES_FIGURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/capacity/v1/capacity_service.pb.h"
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
  kCertain,    // whichever day its date stands for
  kUndecided,  // on some of the days that its date stands for
  kPossible,   // either
};

// SQL with its parameters.
struct Sql {
  std::string text;
  std::vector<storage::Value> params;

  Sql& Add(const std::string& more, const std::vector<storage::Value>& values = {});
};

// SELECT name, counts_as, display_name, first_day, last_day: the records behind `measure`, of a
// body, or of all when `body` is empty. Activities and publications are those that the caller may
// see; persons at these activities count, whether their participations can be seen or not.
Sql RecordsOf(const resource::Scope& scope, v1::ReportedFigure::Measure measure,
              const std::string& body, const Period& period, Belonging belonging);

// The resource type of these records.
const resource::ResourceType& RecordTypeOf(const resource::Scope& scope,
                                           v1::ReportedFigure::Measure measure);

// FROM and WHERE of all attendances of trainees: activities `a`, participations `x`, practitioners
// `p`.
Sql Attendances(const resource::Scope& scope, const std::string& body, const Period& period,
                Belonging belonging);

// SQL: the practitioner that stands for the person of `p`.
inline constexpr char kPerson[] = "CASE WHEN p.survivor = '' THEN p.name ELSE p.survivor END";

// The number that a query with one row and one column yields.
absl::StatusOr<int64_t> NumberOf(resource::Scope& scope, const Sql& sql);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_FIGURES_H_
