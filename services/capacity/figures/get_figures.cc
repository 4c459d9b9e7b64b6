#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "baliprocess/capacity/v1/reported_figure.pb.h"
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

// Numbers of what is certainly in the period, and of what may be.
struct Computed {
  int64_t certain = 0;
  int64_t possible = 0;
};

absl::StatusOr<int64_t> CountRecords(Scope& scope, ReportedFigure::Measure measure,
                                     const std::string& body, const Period& period,
                                     Belonging belonging) {
  Sql records = RecordsOf(scope, measure, body, period, belonging);
  records.text = absl::StrCat("SELECT COUNT(*) FROM (", records.text, ") t");
  ASSIGN_OR_RETURN(const auto rows, scope.tx().Query(records.text, records.params));
  return storage::AsInt(rows[0][0]);
}

// Of activities and publications, each of which counts as itself.
absl::StatusOr<Computed> CountThings(Scope& scope, ReportedFigure::Measure measure,
                                     const std::string& body, const Period& period) {
  Computed computed;
  ASSIGN_OR_RETURN(computed.certain,
                   CountRecords(scope, measure, body, period, Belonging::kCertain));
  ASSIGN_OR_RETURN(computed.possible,
                   CountRecords(scope, measure, body, period, Belonging::kPossible));
  return computed;
}

// The figures of persons, and what the public is told of them.
struct OfPersons {
  Computed practitioners;
  Computed states;
  Count practitioners_for_public;
};

// What the public is told of the persons that a body trained. Bodies are groups like others.
Count PersonsForPublic(const Attendances& certain, int64_t persons) {
  if (persons == 0) return Exactly(0);
  const ForPublic told = JudgePeriod(certain);
  if (persons == TrainedInAll(certain).practitioners) {
    return told.total ? Rounded(persons) : Withheld();
  }
  return told.numbers ? Rounded(persons) : Banded(persons);
}

absl::StatusOr<bool> HasTrainings(Scope& scope, const std::string& body, const Period& period) {
  const Sql from = Trainings(scope, body, period, Belonging::kPossible);
  ASSIGN_OR_RETURN(const auto rows,
                   scope.tx().Query("SELECT 1" + from.text + " LIMIT 1", from.params));
  return !rows.empty();
}

// What the public is told of one body depends on all others. Whoever asks for one that has nothing,
// or that there isn't, makes nobody read those.
absl::StatusOr<OfPersons> CountPersons(Scope& scope, const std::string& body,
                                       const Period& period) {
  const bool is_public = IsPublic(scope);
  OfPersons found;
  found.practitioners_for_public = Exactly(0);
  ASSIGN_OR_RETURN(const bool any, HasTrainings(scope, body, period));
  if (!any) return found;
  ASSIGN_OR_RETURN(Attendances attendances,
                   ReadAttendances(scope, is_public ? "" : body, period, Belonging::kPossible,
                                   /*with_agencies=*/is_public));
  const auto of_body = [&](const AttendedActivity& activity) { return activity.body == body; };
  const TrainedNumbers possible = TrainedInAll(attendances, of_body);
  attendances.KeepCertain();
  const TrainedNumbers certain = TrainedInAll(attendances, of_body);
  found.practitioners = {certain.practitioners, possible.practitioners};
  found.states = {certain.member_states, possible.member_states};
  if (is_public) {
    found.practitioners_for_public = PersonsForPublic(attendances, certain.practitioners);
  }
  return found;
}

void Fill(const Computed& computed, Figures::Entry& entry) {
  *entry.mutable_computed() = Exactly(computed.certain);
  *entry.mutable_undecided() = Exactly(computed.possible - computed.certain);
}

void FillForPublic(const Computed& computed, const Count& told, Figures::Entry& entry) {
  *entry.mutable_computed() = told;
  *entry.mutable_undecided() = computed.possible > computed.certain ? Withheld() : Exactly(0);
}

absl::Status FillComputed(Scope& scope, const std::string& body, const Period& period,
                          const OfPersons& persons, Figures::Entry& entry) {
  const bool is_public = IsPublic(scope);
  switch (entry.measure()) {
    case ReportedFigure::PRACTITIONERS_TRAINED:
      Fill(persons.practitioners, entry);
      if (is_public) FillForPublic(persons.practitioners, persons.practitioners_for_public, entry);
      return absl::OkStatus();
    case ReportedFigure::MEMBER_STATES_REACHED:
      Fill(persons.states, entry);
      if (is_public) FillForPublic(persons.states, UnlessSmall(persons.states.certain), entry);
      return absl::OkStatus();
    default:
      ASSIGN_OR_RETURN(const Computed computed, CountThings(scope, entry.measure(), body, period));
      Fill(computed, entry);
      return absl::OkStatus();
  }
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
  ASSIGN_OR_RETURN(const OfPersons persons, CountPersons(scope, request.body(), period));
  const auto& measures = *ReportedFigure::Measure_descriptor();
  for (int i = 0; i < measures.value_count(); ++i) {
    if (measures.value(i)->number() == ReportedFigure::MEASURE_UNSPECIFIED) continue;
    Figures::Entry& entry = *reply.add_entries();
    entry.set_measure(static_cast<ReportedFigure::Measure>(measures.value(i)->number()));
    RETURN_IF_ERROR(FillComputed(scope, request.body(), period, persons, entry));
    FillReported(reported, entry);
  }
  // A body that there isn't has no figures either; only then another service is asked.
  if (!IsEmpty(reply)) return absl::OkStatus();
  return scope.GetOfPeer<membership::v1::Body>(request.body()).status();
}

}  // namespace baliprocess::capacity
