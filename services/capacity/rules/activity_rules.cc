#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/partnership.pb.h"
#include "common/base/status_macros.h"
#include "common/base/term.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;
using v1::Activity;

void Validate(const Activity& activity, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  ValidateDates(activity, path, violations);
  ValidateBudgets(activity.budgets(), prefix, violations);
  if (activity.has_end_date() && activity.duration_months() != 0) {
    violations.Add(path + ".duration_months", "must be absent where the end_date is known");
  }
}

// Partnerships are within operations.
absl::Status CheckPartnerships(Scope& scope, const Activity& activity) {
  if (activity.kind() == Activity::OPERATION) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto partnerships,
                   scope.Where<v1::Partnership>("operation = ?", {activity.name()}));
  if (partnerships.empty()) return absl::OkStatus();
  return RuleBroken("operation_of_partnership",
                    absl::StrCat(partnerships[0].name(), " is within ", activity.name(),
                                 ", which stays an operation"),
                    partnerships[0].name());
}

absl::Status Check(Scope& scope, const resource::ChangeOf<Activity>& change) {
  Activity& after = change.after;
  if (after.state() == Activity::STATE_UNSPECIFIED) after.set_state(Activity::PLANNED);
  switch (change.kind) {
    case resource::ChangeKind::kCreate:
    case resource::ChangeKind::kDelete:
      return absl::OkStatus();
    case resource::ChangeKind::kUpdate:
    case resource::ChangeKind::kUndelete:
      break;
  }
  return CheckPartnerships(scope, after);
}

}  // namespace

resource::Rules ActivityRules() { return resource::RulesOf<Activity>(Validate, Check); }

}  // namespace baliprocess::capacity
