#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/liaison.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/errors.h"
#include "common/base/term.h"
#include "services/membership/methods.h"

namespace baliprocess::membership {
namespace {

using resource::Scope;
using v1::Body;

// Parts of the body must have ended, or end first.
absl::Status CheckParts(Scope& scope, const Body& body, const DayRange& end) {
  ASSIGN_OR_RETURN(const auto parts, scope.Where<Body>("parent_body = ?", {body.name()}));
  for (const Body& part : parts) {
    const DayTerm life = DaysOf(part.term());
    if (life.end && Before(end, *life.end) != Truth::kTrue) continue;
    return WrongState(body.name(), "has_parts", absl::StrCat(part.name(), ", part of it, goes on"));
  }
  return absl::OkStatus();
}

// Ends what would outlast the body. What certainly starts later is left for the rule to refuse.
// The body remembers what ended so.
template <typename T>
absl::Status EndAll(Scope& scope, std::vector<T> resources, const google::type::Date& end,
                    Body& body) {
  const DayRange last = DaysOf(end);
  for (T& resource : resources) {
    const DayTerm term = DaysOf(resource.term());
    if (term.end && Before(last, *term.end) != Truth::kTrue) continue;
    if (term.start && Before(last, *term.start) == Truth::kTrue) continue;
    Body::Dissolution::Ended& ended = *body.mutable_dissolution()->add_ended();
    ended.set_resource(resource.name());
    if (resource.term().has_end_date()) {
      *ended.mutable_former_end_date() = resource.term().end_date();
    }
    *resource.mutable_term()->mutable_end_date() = end;
    RETURN_IF_ERROR(scope.Update(resource));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DissolveBody(Scope& scope, const v1::DissolveBodyRequest& request, Body& reply) {
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  if (reply.term().has_end_date()) {
    return WrongState(reply.name(), "dissolved",
                      absl::StrCat("its last day was ", FormatDate(reply.term().end_date())));
  }
  const google::type::Date& end = request.end_date();
  const DayTerm life = DaysOf(reply.term());
  if (life.start && Before(DaysOf(end), *life.start) == Truth::kTrue) {
    return InvalidField("end_date", "must not be before the body began");
  }
  RETURN_IF_ERROR(CheckParts(scope, reply, DaysOf(end)));
  ASSIGN_OR_RETURN(auto seats, scope.Where<v1::Seat>("parent = ?", {reply.name()}));
  RETURN_IF_ERROR(EndAll(scope, std::move(seats), end, reply));
  ASSIGN_OR_RETURN(auto appointments, scope.Where<v1::Appointment>("body = ?", {reply.name()}));
  RETURN_IF_ERROR(EndAll(scope, std::move(appointments), end, reply));
  ASSIGN_OR_RETURN(auto liaisons, scope.Where<v1::Liaison>("parent = ?", {reply.name()}));
  RETURN_IF_ERROR(EndAll(scope, std::move(liaisons), end, reply));
  *reply.mutable_term()->mutable_end_date() = end;
  return scope.Update(reply);
}

}  // namespace baliprocess::membership
