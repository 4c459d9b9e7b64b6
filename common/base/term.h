// Terms (baliprocess.common.v1.Term) and what can be said of them.

#ifndef BALIPROCESS_COMMON_BASE_TERM_H_
#define BALIPROCESS_COMMON_BASE_TERM_H_

#include <optional>

#include "baliprocess/common/v1/term.pb.h"
#include "common/base/date.h"

namespace baliprocess {

// A term as days, both ends included; an absent bound is open.
struct DayTerm {
  std::optional<DayRange> start;
  std::optional<DayRange> end;
};

// The days of a valid term.
DayTerm DaysOf(const common::v1::Term& term);

// Whether `day` lies in the term.
Truth Within(const DayRange& day, const DayTerm& term);

// Whether the terms share a day.
Truth Overlap(const DayTerm& a, const DayTerm& b);

// Whether `inner` is certainly not within `outer`, whichever days partial dates stand for. An inner
// term without a start begins with the outer one; without an end, it outlasts one that has an end.
bool CertainlyOutside(const DayTerm& inner, const DayTerm& outer);

// Whether a term is certainly shorter, or longer, than so many months, whichever days partial dates
// stand for. A term without a bound is neither.
bool CertainlyShorter(const DayTerm& term, int months);
bool CertainlyLonger(const DayTerm& term, int months);

// As in replies.
common::v1::Truth::Value ToProto(Truth truth);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_TERM_H_
