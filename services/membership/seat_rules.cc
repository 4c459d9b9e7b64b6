#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/resource/contract/names.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using resource::ChangeKind;
using resource::ChangeOf;
using resource::Scope;
using v1::Body;
using v1::Seat;

absl::Status CheckOverlap(Scope& scope, const Seat& seat) {
  ASSIGN_OR_RETURN(const auto others,
                   scope.Where<Seat>("parent = ? AND member = ? AND role = ? AND name <> ?",
                                     {resource::ParentOf(seat.name()), seat.member(),
                                      int64_t{seat.role()}, seat.name()}));
  for (const Seat& other : others) {
    if (Overlap(DaysOf(seat.term()), DaysOf(other.term())) != Truth::kTrue) continue;
    return RuleBroken(
        "seat_overlap",
        absl::StrCat(seat.member(), " holds ", other.name(), " in the same role at the same time"),
        other.name());
  }
  return absl::OkStatus();
}

absl::Status Check(Scope& scope, const ChangeOf<Seat>& change) {
  if (change.kind == ChangeKind::kDelete) return absl::OkStatus();
  const Seat& seat = change.after;
  ASSIGN_OR_RETURN(const Body body, scope.Require<Body>(resource::ParentOf(seat.name())));
  RETURN_IF_ERROR(CheckWithinLife(body, seat.term(), seat.name()));
  RETURN_IF_ERROR(CheckOverlap(scope, seat));
  return seat.role() == Seat::CHAIR ? CheckChairs(scope, body, &seat) : absl::OkStatus();
}

// The first day that a term certainly covers.
DayRange CertainStart(const DayTerm& term) {
  if (!term.start) return {0, 0};
  return {term.start->last, term.start->last};
}

}  // namespace

resource::Rules SeatRules() { return resource::RulesOf<Seat>(nullptr, Check); }

absl::Status CheckChairs(Scope& scope, const Body& body, const Seat* changed) {
  ASSIGN_OR_RETURN(const auto seats, scope.Where<Seat>("parent = ? AND role = ?",
                                                       {body.name(), int64_t{Seat::CHAIR}}));
  std::vector<DayTerm> terms;
  for (const Seat& seat : seats) {
    if (changed == nullptr || seat.name() != changed->name()) {
      terms.push_back(DaysOf(seat.term()));
    }
  }
  if (changed != nullptr) terms.push_back(DaysOf(changed->term()));
  if (body.max_chairs() == 0 && !terms.empty()) {
    return RuleBroken("too_many_chairs", absl::StrCat(body.name(), " has no chairs"), body.name());
  }
  // The number of chairs can only be at its highest on a day on which one starts.
  for (const DayTerm& starting : terms) {
    const DayRange day = CertainStart(starting);
    int chairs = 0;
    for (const DayTerm& term : terms) chairs += Within(day, term) == Truth::kTrue ? 1 : 0;
    if (chairs > body.max_chairs()) {
      return RuleBroken("too_many_chairs",
                        absl::StrCat(body.name(), " may have ", body.max_chairs(),
                                     " chairs at the same time and would have ", chairs),
                        body.name());
    }
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::membership
