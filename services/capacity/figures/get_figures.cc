#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/body.pb.h"
#include "common/base/status_macros.h"
#include "services/capacity/figures/disclosure.h"
#include "services/capacity/figures/figures.h"
#include "services/capacity/figures/methods.h"
#include "services/capacity/figures/trained.h"

namespace baliprocess::capacity {
namespace {

using v1::Count;
using v1::Figures;
using v1::ReportedFigure;

absl::StatusOr<int64_t> Computed(Scope& scope, ReportedFigure::Measure measure,
                                 const std::string& body, const Period& period,
                                 Belonging belonging) {
  Sql records = RecordsOf(scope, measure, body, period, belonging);
  records.text = absl::StrCat("SELECT COUNT(DISTINCT counts_as) FROM (", records.text, ") t");
  return NumberOf(scope, records);
}

// What the public is told of the persons that a body trained. Bodies are groups like others.
absl::StatusOr<Count> PersonsForPublic(Scope& scope, const Period& period, int64_t persons) {
  ASSIGN_OR_RETURN(const ForPublic told, JudgePeriod(scope, period));
  ASSIGN_OR_RETURN(const TrainedNumbers all, TrainedInAll(scope, period));
  if (persons == all.practitioners) return told.total ? UnlessSmall(persons) : Withheld();
  return told.numbers ? UnlessSmall(persons) : Banded(persons);
}

absl::Status FillComputed(Scope& scope, const std::string& body, const Period& period,
                          Figures::Entry& entry) {
  const auto measure = entry.measure();
  ASSIGN_OR_RETURN(const int64_t certain,
                   Computed(scope, measure, body, period, Belonging::kCertain));
  ASSIGN_OR_RETURN(const int64_t possible,
                   Computed(scope, measure, body, period, Belonging::kPossible));
  *entry.mutable_computed() = Exactly(certain);
  *entry.mutable_undecided() = Exactly(possible - certain);
  const bool of_persons = measure == ReportedFigure::PRACTITIONERS_TRAINED ||
                          measure == ReportedFigure::MEMBER_STATES_REACHED;
  if (!of_persons || !IsPublic(scope)) return absl::OkStatus();
  *entry.mutable_computed() = UnlessSmall(certain);
  if (possible > certain) *entry.mutable_undecided() = Withheld();
  if (measure == ReportedFigure::PRACTITIONERS_TRAINED) {
    ASSIGN_OR_RETURN(*entry.mutable_computed(), PersonsForPublic(scope, period, certain));
  }
  return absl::OkStatus();
}

void FillReported(const std::vector<ReportedFigure>& figures, Figures::Entry& entry) {
  for (const ReportedFigure& figure : figures) {
    if (figure.measure() != entry.measure()) continue;
    Figures::Reported& reported = *entry.add_reported();
    *reported.mutable_reported_figure() = figure;
    if (entry.computed().disclosure() != Count::EXACT) continue;
    reported.set_difference(figure.value() - entry.computed().value());
  }
}

bool IsEmpty(const Figures& figures) {
  for (const Figures::Entry& entry : figures.entries()) {
    const bool none = entry.reported().empty() && entry.computed().value() == 0 &&
                      entry.computed().disclosure() == Count::EXACT &&
                      entry.undecided().disclosure() == Count::EXACT &&
                      entry.undecided().value() == 0;
    if (!none) return false;
  }
  return true;
}

}  // namespace

absl::Status GetFigures(Scope& scope, const v1::GetFiguresRequest& request, Figures& reply) {
  ASSIGN_OR_RETURN(const Period period, PeriodOf(scope, request.period()));
  reply.set_body(request.body());
  *reply.mutable_period() = request.period();
  ASSIGN_OR_RETURN(const auto reported,
                   scope.VisibleWhere<ReportedFigure>(
                       "body = ? AND period_start_date_first = ? AND period_end_date_last = ?",
                       {request.body(), period.first, period.last}));
  const auto& measures = *ReportedFigure::Measure_descriptor();
  for (int i = 0; i < measures.value_count(); ++i) {
    if (measures.value(i)->number() == ReportedFigure::MEASURE_UNSPECIFIED) continue;
    Figures::Entry& entry = *reply.add_entries();
    entry.set_measure(static_cast<ReportedFigure::Measure>(measures.value(i)->number()));
    RETURN_IF_ERROR(FillComputed(scope, request.body(), period, entry));
    FillReported(reported, entry);
  }
  // A body that there isn't has no figures either; only then another service is asked.
  if (!IsEmpty(reply)) return absl::OkStatus();
  return scope.GetOfPeer<membership::v1::Body>(request.body()).status();
}

}  // namespace baliprocess::capacity
