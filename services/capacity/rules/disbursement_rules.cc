#include "baliprocess/capacity/v1/commitment.pb.h"
#include "baliprocess/capacity/v1/disbursement.pb.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::ParentOf;
using resource::Scope;
using v1::Commitment;
using v1::Disbursement;

void Validate(const Disbursement& disbursement, std::string_view prefix, Violations& violations) {
  if (disbursement.has_amount() && NanosOf(disbursement.amount()) <= 0) {
    violations.Add(std::string(prefix) + ".amount", "must be above zero");
  }
  ValidateCurrency(disbursement.amount(), disbursement.disburse_date(),
                   std::string(prefix) + ".amount", violations);
}

absl::Status Check(Scope& scope, const resource::ChangeOf<Disbursement>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  const Disbursement& disbursement = change.after;
  const std::string parent = ParentOf(disbursement.name());
  ASSIGN_OR_RETURN(const Commitment commitment, scope.Require<Commitment>(parent));
  ASSIGN_OR_RETURN(auto all, scope.Where<Disbursement>("parent = ? AND name <> ?",
                                                       {parent, disbursement.name()}));
  all.push_back(disbursement);
  return CheckDisbursed(commitment, all);
}

}  // namespace

resource::Rules DisbursementRules() { return resource::RulesOf<Disbursement>(Validate, Check); }

}  // namespace baliprocess::capacity
