// Terms (baliprocess.common.v1.Term) and what can be said of them.

#ifndef BALIPROCESS_COMMON_BASE_TERM_H_
#define BALIPROCESS_COMMON_BASE_TERM_H_

#include <optional>
#include <string>

#include "baliprocess/common/v1/term.pb.h"
#include "common/base/date.h"
#include "common/base/errors.h"

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

// Adds violations of the `end_date`, at `path`, of a resource whose first and last day are fields
// of its own: it needs a `start_date`, which it isn't certainly before.
template <typename T>
void ValidateDates(const T& resource, const std::string& path, Violations& violations) {
  if (!resource.has_end_date()) return;
  if (!resource.has_start_date()) {
    violations.Add(path + ".end_date", "needs a start_date");
  } else if (Before(DaysOf(resource.end_date()), DaysOf(resource.start_date())) == Truth::kTrue) {
    violations.Add(path + ".end_date", "must not be before start_date");
  }
}

// As in replies.
common::v1::Truth::Value ToProto(Truth truth);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_TERM_H_
