#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/liaison.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/resource/engine/cycle.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using resource::Scope;
using v1::Body;

// A minute to a year: shorter nobody could object, longer nobody would remember.
constexpr int64_t kShortestSilence = 60;
constexpr int64_t kLongestSilence = 366 * 24 * 60 * 60;

void Validate(const Body& body, std::string_view path, Violations& violations) {
  const Body::DecisionRules& rules = body.decision_rules();
  const std::string field = std::string(path) + ".decision_rules.minimum_silence";
  if (!rules.silence_procedure()) {
    if (rules.has_minimum_silence()) {
      violations.Add(field, "must be absent in a body without the silence procedure");
    }
    return;
  }
  const int64_t seconds = rules.minimum_silence().seconds();
  if (seconds < kShortestSilence || seconds > kLongestSilence) {
    violations.Add(field, "must be from 60s to 31622400s (366 days) with the silence procedure");
  }
}

// What belongs to the body stays within its life when that changes.
absl::Status CheckLife(Scope& scope, const Body& body) {
  ASSIGN_OR_RETURN(const auto seats, scope.Where<v1::Seat>("parent = ?", {body.name()}));
  for (const v1::Seat& seat : seats) {
    RETURN_IF_ERROR(CheckWithinLife(body, seat.term(), seat.name()));
  }
  ASSIGN_OR_RETURN(const auto appointments,
                   scope.Where<v1::Appointment>("body = ?", {body.name()}));
  for (const v1::Appointment& appointment : appointments) {
    RETURN_IF_ERROR(CheckWithinLife(body, appointment.term(), appointment.name()));
  }
  ASSIGN_OR_RETURN(const auto liaisons, scope.Where<v1::Liaison>("parent = ?", {body.name()}));
  for (const v1::Liaison& liaison : liaisons) {
    RETURN_IF_ERROR(CheckWithinLife(body, liaison.term(), liaison.name()));
  }
  return absl::OkStatus();
}

// A part may be older than what it is part of now, but not outlast it.
absl::Status CheckOutlasts(const Body& part, const Body& whole) {
  common::v1::Term end = part.term();
  end.clear_start_date();
  return CheckWithinLife(whole, end, part.name());
}

absl::Status CheckParts(Scope& scope, const Body& body) {
  if (!body.parent_body().empty()) {
    ASSIGN_OR_RETURN(const Body whole, scope.Require<Body>(body.parent_body()));
    RETURN_IF_ERROR(CheckOutlasts(body, whole));
  }
  ASSIGN_OR_RETURN(const auto parts, scope.Where<Body>("parent_body = ?", {body.name()}));
  for (const Body& part : parts) RETURN_IF_ERROR(CheckOutlasts(part, body));
  return absl::OkStatus();
}

absl::Status Check(Scope& scope, const resource::ChangeOf<Body>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  Body& after = change.after;
  RETURN_IF_ERROR(resource::CheckNotPartOfItself(scope, after, &Body::parent_body, "body_cycle"));
  RETURN_IF_ERROR(CheckParts(scope, after));
  if (change.kind == resource::ChangeKind::kCreate) return absl::OkStatus();
  RETURN_IF_ERROR(CheckLife(scope, after));
  return CheckChairs(scope, after, nullptr);
}

}  // namespace

resource::Rules BodyRules() { return resource::RulesOf<Body>(Validate, Check); }

absl::Status CheckWithinLife(const Body& body, const common::v1::Term& term,
                             const std::string& name) {
  if (!CertainlyOutside(DaysOf(term), DaysOf(body.term()))) return absl::OkStatus();
  return RuleBroken("outside_body_life",
                    absl::StrCat("the term of ", name, " lies outside the life of ", body.name()),
                    name);
}

}  // namespace baliprocess::membership
