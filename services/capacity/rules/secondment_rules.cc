#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "baliprocess/capacity/v1/secondment.pb.h"
#include "common/base/status_macros.h"
#include "common/base/term.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;
using v1::Practitioner;
using v1::Secondment;

// The domain document: secondments last three to six months.
constexpr int kLeastMonths = 3;
constexpr int kMostMonths = 6;

void Validate(const Secondment& secondment, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  ValidateRestricted(secondment.visibility(), prefix, violations);
  if (!secondment.term().has_start_date()) {
    violations.Add(path + ".term.start_date", "is required");
  }
  const DayTerm term = DaysOf(secondment.term());
  const bool unusual = CertainlyShorter(term, kLeastMonths) || CertainlyLonger(term, kMostMonths);
  if (unusual && secondment.length_reason().empty()) {
    violations.Add(path + ".term", "must be three to six months unless there is a length_reason");
  }
}

absl::Status Check(Scope& scope, const resource::ChangeOf<Secondment>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  const Secondment& secondment = change.after;
  ASSIGN_OR_RETURN(const Practitioner practitioner,
                   scope.Require<Practitioner>(secondment.practitioner()));
  ASSIGN_OR_RETURN(const auto others, SecondmentsOf(scope, PersonOf(practitioner)));
  return CheckOneAtATime({secondment}, others);
}

}  // namespace

resource::Rules SecondmentRules() { return resource::RulesOf<Secondment>(Validate, Check); }

absl::StatusOr<std::vector<Secondment>> SecondmentsOf(Scope& scope, const std::string& person) {
  return scope.Where<Secondment>(
      "practitioner IN (SELECT name FROM practitioners WHERE name = ? OR survivor = ?)",
      {person, person});
}

absl::Status CheckOneAtATime(const std::vector<Secondment>& secondments,
                             const std::vector<Secondment>& others) {
  for (const Secondment& secondment : secondments) {
    for (const Secondment& other : others) {
      if (other.name() == secondment.name()) continue;
      if (Overlap(DaysOf(secondment.term()), DaysOf(other.term())) != Truth::kTrue) continue;
      return RuleBroken("secondment_overlap",
                        absl::StrCat(secondment.name(), " and ", other.name(),
                                     " are of the same person at the same time"),
                        other.name());
    }
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
