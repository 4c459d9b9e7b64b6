#include "common/base/term.h"

namespace baliprocess {
namespace {

bool CertainlyBefore(const std::optional<DayRange>& a, const std::optional<DayRange>& b) {
  return a && b && Before(*a, *b) == Truth::kTrue;
}

}  // namespace

DayTerm DaysOf(const common::v1::Term& term) {
  DayTerm days;
  if (term.has_start_date()) days.start = DaysOf(term.start_date());
  if (term.has_end_date()) days.end = DaysOf(term.end_date());
  return days;
}

Truth Within(const DayRange& day, const DayTerm& term) { return Within(day, term.start, term.end); }

Truth Overlap(const DayTerm& a, const DayTerm& b) {
  return Overlap(a.start, a.end, b.start, b.end);
}

bool CertainlyOutside(const DayTerm& inner, const DayTerm& outer) {
  return CertainlyBefore(inner.start, outer.start) || CertainlyBefore(outer.end, inner.start) ||
         CertainlyBefore(outer.end, inner.end) || CertainlyBefore(inner.end, outer.start) ||
         (outer.end && !inner.end);
}

// The day after the last is `months` months after the first, at the earliest.
bool CertainlyShorter(const DayTerm& term, int months) {
  return term.start && term.end && NextDay(term.end->last) < AddMonths(term.start->first, months);
}

bool CertainlyLonger(const DayTerm& term, int months) {
  return term.start && term.end && NextDay(term.end->first) > AddMonths(term.start->last, months);
}

common::v1::Truth::Value ToProto(Truth truth) {
  switch (truth) {
    case Truth::kTrue:
      return common::v1::Truth::YES;
    case Truth::kFalse:
      return common::v1::Truth::NO;
    default:
      return common::v1::Truth::UNKNOWN;
  }
}

}  // namespace baliprocess
