#include <algorithm>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/partnership.pb.h"
#include "common/base/status_macros.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;
using v1::Activity;
using v1::Partnership;

void Validate(const Partnership& partnership, std::string_view prefix, Violations& violations) {
  const std::string path = absl::StrCat(std::string(prefix), ".parties");
  const auto& parties = partnership.parties();
  if (parties.size() == 1) violations.Add(path, "must have two members at least");
  for (int i = 0; i < parties.size(); ++i) {
    if (std::find(parties.begin(), parties.begin() + i, parties[i]) == parties.begin() + i)
      continue;
    violations.Add(absl::StrCat(path, "[", i, "]"), "must be a member that isn't named above");
  }
}

absl::Status CheckOperation(Scope& scope, const Partnership& partnership) {
  ASSIGN_OR_RETURN(const Activity operation, scope.Require<Activity>(partnership.operation()));
  if (operation.kind() == Activity::OPERATION) return absl::OkStatus();
  return RuleBroken("not_an_operation",
                    absl::StrCat(operation.name(), " is of kind ",
                                 Activity::Kind_Name(operation.kind()), ", not OPERATION"),
                    operation.name());
}

absl::Status Check(Scope& scope, const resource::ChangeOf<Partnership>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  Partnership& partnership = change.after;
  std::sort(partnership.mutable_parties()->begin(), partnership.mutable_parties()->end());
  RETURN_IF_ERROR(CheckOperation(scope, partnership));
  ASSIGN_OR_RETURN(const auto others,
                   scope.Where<Partnership>("operation = ? AND name <> ?",
                                            {partnership.operation(), partnership.name()}));
  for (const Partnership& other : others) {
    if (!std::equal(other.parties().begin(), other.parties().end(), partnership.parties().begin(),
                    partnership.parties().end())) {
      continue;
    }
    return RuleBroken(
        "partners_already",
        absl::StrCat(other.name(), " is of the same members in ", partnership.operation()),
        other.name());
  }
  return absl::OkStatus();
}

}  // namespace

resource::Rules PartnershipRules() { return resource::RulesOf<Partnership>(Validate, Check); }

}  // namespace baliprocess::capacity
