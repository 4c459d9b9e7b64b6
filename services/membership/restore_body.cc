#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/liaison.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/membership/methods.h"

namespace baliprocess::membership {
namespace {

using resource::Scope;
using v1::Body;

// Gives a resource the end that it had before its body was dissolved. One that was deleted or
// ended otherwise since keeps what it has.
template <typename T>
absl::Status Prolong(Scope& scope, const Body::Dissolution::Ended& ended,
                     const google::type::Date& dissolved) {
  ASSIGN_OR_RETURN(auto found, scope.Where<T>("name = ?", {ended.resource()}));
  if (found.empty() || FormatDate(found[0].term().end_date()) != FormatDate(dissolved)) {
    return absl::OkStatus();
  }
  common::v1::Term& term = *found[0].mutable_term();
  term.clear_end_date();
  if (ended.has_former_end_date()) *term.mutable_end_date() = ended.former_end_date();
  return scope.Update(found[0]);
}

absl::Status ProlongAny(Scope& scope, const Body::Dissolution::Ended& ended,
                        const google::type::Date& dissolved) {
  const auto* type = scope.registry().FindName(ended.resource());
  if (type == nullptr) return absl::OkStatus();
  if (type->descriptor == v1::Seat::descriptor()) return Prolong<v1::Seat>(scope, ended, dissolved);
  if (type->descriptor == v1::Liaison::descriptor()) {
    return Prolong<v1::Liaison>(scope, ended, dissolved);
  }
  return Prolong<v1::Appointment>(scope, ended, dissolved);
}

}  // namespace

absl::Status RestoreBody(Scope& scope, const v1::RestoreBodyRequest& request, Body& reply) {
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  if (!reply.term().has_end_date()) {
    return WrongState(reply.name(), "not_dissolved", "there is nothing to take back");
  }
  const google::type::Date dissolved = reply.term().end_date();
  const Body::Dissolution dissolution = reply.dissolution();
  reply.mutable_term()->clear_end_date();
  reply.clear_dissolution();
  // First: what belongs to the body doesn't outlast it.
  RETURN_IF_ERROR(scope.Update(reply));
  for (const Body::Dissolution::Ended& ended : dissolution.ended()) {
    RETURN_IF_ERROR(ProlongAny(scope, ended, dissolved));
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::membership
