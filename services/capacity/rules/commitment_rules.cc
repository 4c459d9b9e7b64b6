#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/commitment.pb.h"
#include "baliprocess/capacity/v1/disbursement.pb.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;
using v1::Commitment;
using v1::Disbursement;

void Validate(const Commitment& commitment, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  if (commitment.has_amount() && NanosOf(commitment.amount()) <= 0) {
    violations.Add(path + ".amount", "must be above zero; absent where it isn't known");
  }
  ValidateCurrency(commitment.amount(), commitment.commit_date(), path + ".amount", violations);
}

// What was disbursed isn't for the funder to find out by trying amounts: from the first one on, the
// amount is the secretariat's to change.
absl::Status CheckUntouched(const resource::ChangeOf<Commitment>& change, bool disbursed) {
  const bool same =
      change.before->has_amount() == change.after.has_amount() &&
      NanosOf(change.before->amount()) == NanosOf(change.after.amount()) &&
      change.before->amount().currency_code() == change.after.amount().currency_code();
  if (same || !disbursed) return absl::OkStatus();
  return WrongState(change.after.name(), "disbursed",
                    "only the secretariat changes an amount of which something was disbursed");
}

absl::Status Check(Scope& scope, const resource::ChangeOf<Commitment>& change) {
  if (change.kind == resource::ChangeKind::kCreate) return absl::OkStatus();
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  const Commitment& after = change.after;
  ASSIGN_OR_RETURN(const auto disbursements,
                   scope.Where<Disbursement>("parent = ?", {after.name()}));
  if (!scope.caller().Has(api::v1::Access::SECRETARIAT)) {
    return CheckUntouched(change, !disbursements.empty());
  }
  return CheckDisbursed(after, disbursements);
}

}  // namespace

resource::Rules CommitmentRules() { return resource::RulesOf<Commitment>(Validate, Check); }

absl::Status CheckDisbursed(const Commitment& commitment,
                            const std::vector<Disbursement>& disbursements) {
  if (disbursements.empty()) return absl::OkStatus();
  const std::string& currency = commitment.has_amount() ? commitment.amount().currency_code()
                                                        : disbursements[0].amount().currency_code();
  absl::int128 total = 0;
  for (const Disbursement& disbursement : disbursements) {
    if (disbursement.amount().currency_code() != currency) {
      return RuleBroken(
          "other_currency",
          absl::StrCat(disbursement.name(), " must be in ", currency, ", as ",
                       commitment.has_amount() ? commitment.name() : disbursements[0].name(),
                       " is"),
          disbursement.name());
    }
    total += NanosOf(disbursement.amount());
  }
  if (!commitment.has_amount() || total <= NanosOf(commitment.amount())) return absl::OkStatus();
  return RuleBroken("beyond_commitment",
                    absl::StrCat("the disbursements of ", commitment.name(),
                                 " would go beyond its ", FormatMoney(commitment.amount())),
                    commitment.name());
}

}  // namespace baliprocess::capacity
