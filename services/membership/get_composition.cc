#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "baliprocess/membership/v1/official.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/date.h"
#include "common/base/term.h"
#include "common/resource/contract/names.h"
#include "services/membership/methods.h"

namespace baliprocess::membership {
namespace {

using resource::Scope;
using v1::Composition;
using v1::Seat;

// What the seats of one member say about a day.
struct Standing {
  Truth member = Truth::kFalse;
  Truth chair = Truth::kFalse;
  Truth observer = Truth::kFalse;
  std::vector<std::string> seats;
};

void AddSeat(const Seat& seat, Truth held, Standing& standing) {
  if (held != Truth::kFalse) standing.seats.push_back(seat.name());
  if (seat.role() == Seat::BODY_OBSERVER) {
    standing.observer = Or(standing.observer, held);
    return;
  }
  standing.member = Or(standing.member, held);
  if (seat.role() == Seat::CHAIR) standing.chair = Or(standing.chair, held);
}

Composition::Membership ToMembership(Truth truth) {
  switch (truth) {
    case Truth::kTrue:
      return Composition::IS_MEMBER;
    case Truth::kFalse:
      return Composition::NOT_MEMBER;
    default:
      return Composition::UNKNOWN;
  }
}

absl::Status AddEntries(Scope& scope, const std::string& body, const DayRange& day, Truth exists,
                        Composition& reply) {
  ASSIGN_OR_RETURN(const auto seats, scope.VisibleWhere<Seat>("parent = ?", {body}));
  std::map<std::string, Standing> standings;
  for (const Seat& seat : seats) {
    AddSeat(seat, And(exists, Within(day, DaysOf(seat.term()))), standings[seat.member()]);
  }
  for (const auto& [member, standing] : standings) {
    // A member that the caller may not see is left out with its seats.
    ASSIGN_OR_RETURN(const auto found, scope.VisibleWhere<v1::Member>("name = ?", {member}));
    if (found.empty()) continue;
    auto* entry = reply.add_entries();
    entry->set_member(member);
    entry->set_display_name(found[0].display_name());
    entry->set_membership(ToMembership(standing.member));
    entry->set_chair(ToProto(standing.chair));
    entry->set_observer(ToProto(standing.observer));
    for (const std::string& seat : standing.seats) entry->add_seats(seat);
  }
  std::stable_sort(reply.mutable_entries()->begin(), reply.mutable_entries()->end(),
                   [](const Composition::Entry& a, const Composition::Entry& b) {
                     const bool a_chairs = a.chair() == common::v1::Truth::YES;
                     const bool b_chairs = b.chair() == common::v1::Truth::YES;
                     if (a_chairs != b_chairs) return a_chairs;
                     return a.display_name() < b.display_name();
                   });
  return absl::OkStatus();
}

absl::Status AddOfficers(Scope& scope, const std::string& body, const DayRange& day, Truth exists,
                         Composition& reply) {
  ASSIGN_OR_RETURN(const auto appointments,
                   scope.VisibleWhere<v1::Appointment>("body = ?", {body}));
  for (const v1::Appointment& appointment : appointments) {
    const Truth in_post = And(exists, Within(day, DaysOf(appointment.term())));
    if (in_post == Truth::kFalse) continue;
    const std::string official = resource::ParentOf(appointment.name());
    ASSIGN_OR_RETURN(const auto found, scope.VisibleWhere<v1::Official>("name = ?", {official}));
    if (found.empty()) continue;
    auto* officer = reply.add_officers();
    officer->set_official(official);
    officer->set_display_name(found[0].display_name());
    officer->set_appointment(appointment.name());
    officer->set_post(appointment.post());
    officer->set_title(appointment.title());
    officer->set_on_behalf_of(appointment.on_behalf_of());
    officer->set_in_post(ToProto(in_post));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status GetComposition(Scope& scope, const v1::GetCompositionRequest& request,
                            Composition& reply) {
  ASSIGN_OR_RETURN(const v1::Body body, scope.Get<v1::Body>(request.body()));
  const google::type::Date as_of = request.has_as_of() ? request.as_of() : DayOf(scope.now());
  const DayRange day = DaysOf(as_of);
  const Truth exists = Within(day, DaysOf(body.term()));
  reply.set_body(body.name());
  *reply.mutable_as_of() = as_of;
  reply.set_in_existence(ToProto(exists));
  RETURN_IF_ERROR(AddEntries(scope, body.name(), day, exists, reply));
  return AddOfficers(scope, body.name(), day, exists, reply);
}

}  // namespace baliprocess::membership
