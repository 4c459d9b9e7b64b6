#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/term.h"
#include "services/membership/methods.h"

namespace baliprocess::membership {
namespace {

using resource::Scope;
using v1::Roster;
using v1::Seat;

// Whether a bound of a term, if there is one, is within the span.
Truth BoundWithin(const std::optional<DayRange>& bound, const DayTerm& span) {
  return bound ? Within(*bound, span) : Truth::kFalse;
}

}  // namespace

absl::Status GetRoster(Scope& scope, const v1::GetRosterRequest& request, Roster& reply) {
  if (!request.period().has_start_date() || !request.period().has_end_date()) {
    return InvalidField("period", "must have a start_date and an end_date");
  }
  ASSIGN_OR_RETURN(const v1::Body body, scope.Get<v1::Body>(request.body()));
  const DayRange first = DaysOf(request.period().start_date());
  const DayRange last = DaysOf(request.period().end_date());
  const DayTerm span = {DayRange{first.first, first.first}, DayRange{last.last, last.last}};
  reply.set_body(body.name());
  *reply.mutable_period() = request.period();
  ASSIGN_OR_RETURN(const auto seats, scope.VisibleWhere<Seat>("parent = ?", {body.name()}));
  for (const Seat& seat : seats) {
    const DayTerm term = DaysOf(seat.term());
    const Truth held = Overlap(term, span);
    if (held == Truth::kFalse) continue;
    // A member that the caller may not see is left out with its seats.
    ASSIGN_OR_RETURN(const auto member,
                     scope.VisibleWhere<v1::Member>("name = ?", {seat.member()}));
    if (member.empty()) continue;
    Roster::Entry& entry = *reply.add_entries();
    entry.set_seat(seat.name());
    entry.set_member(seat.member());
    entry.set_display_name(member[0].display_name());
    entry.set_role(seat.role());
    if (seat.has_term()) *entry.mutable_term() = seat.term();
    entry.set_held(ToProto(held));
    entry.set_came(ToProto(BoundWithin(term.start, span)));
    entry.set_went(ToProto(BoundWithin(term.end, span)));
  }
  const auto key = [](const Roster::Entry& entry) {
    const DayTerm term = DaysOf(entry.term());
    return std::tuple(entry.display_name(), term.start ? term.start->first : 0, entry.seat());
  };
  std::sort(reply.mutable_entries()->begin(), reply.mutable_entries()->end(),
            [&](const Roster::Entry& a, const Roster::Entry& b) { return key(a) < key(b); });
  return absl::OkStatus();
}

}  // namespace baliprocess::membership
