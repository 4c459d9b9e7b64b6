#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/errors.h"
#include "common/base/term.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/names.h"
#include "services/membership/methods.h"

namespace baliprocess::membership {
namespace {

using resource::Scope;
using v1::Seat;

absl::Status CheckRequest(const v1::RecordSuccessionRequest& request) {
  Violations violations;
  if (request.ended_seat().rfind(request.parent() + "/seats/", 0) != 0) {
    violations.Add("ended_seat", "must be a seat of the parent");
  }
  const DayTerm term = DaysOf(request.seat().term());
  if (term.start && Before(DaysOf(request.end_date()), *term.start) == Truth::kFalse) {
    violations.Add("seat.term.start_date", "must be after end_date");
  }
  if (!term.start) violations.Add("seat.term.start_date", "is required");
  if (!request.seat_id().empty()) {
    if (const auto why = resource::WhyInvalidId(request.seat_id())) {
      violations.Add("seat_id", absl::StrCat("must be ", *why));
    }
  }
  return violations.ToStatus();
}

}  // namespace

absl::Status RecordSuccession(Scope& scope, const v1::RecordSuccessionRequest& request,
                              v1::RecordSuccessionResponse& reply) {
  RETURN_IF_ERROR(CheckRequest(request));
  Seat& ended = *reply.mutable_ended_seat();
  ASSIGN_OR_RETURN(ended, scope.Get<Seat>(request.ended_seat()));
  if (ended.term().has_end_date()) {
    return WrongState(ended.name(), "ended",
                      absl::StrCat("its last day was ", FormatDate(ended.term().end_date())));
  }
  if (request.seat().role() != ended.role()) {
    return InvalidField("seat.role", absl::StrCat("must be ", Seat::Role_Name(ended.role()),
                                                  ", the role of the seat that ends"));
  }
  *ended.mutable_term()->mutable_end_date() = request.end_date();
  RETURN_IF_ERROR(scope.Update(ended, "ended_seat"));

  Seat& started = *reply.mutable_started_seat();
  started = request.seat();
  resource::ClearServerFields(started);
  const std::string id = request.seat_id().empty() ? resource::NewId() : request.seat_id();
  started.set_name(absl::StrCat(request.parent(), "/seats/", id));
  return scope.Create(started, "seat");
}

}  // namespace baliprocess::membership
