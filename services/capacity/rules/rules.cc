#include "services/capacity/rules/rules.h"

#include <optional>

#include "absl/strings/str_cat.h"

#include "common/base/date.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "common/base/term.h"

namespace baliprocess::capacity {
namespace {

constexpr int kMonthsOfBudget = 12;

}  // namespace

void ValidateRestricted(api::v1::Visibility::Level visibility, std::string_view prefix,
                        Violations& violations) {
  if (visibility == api::v1::Visibility::LEVEL_UNSPECIFIED ||
      visibility == api::v1::Visibility::RESTRICTED) {
    return;
  }
  violations.Add(absl::StrCat(std::string(prefix), ".visibility"),
                 "must be RESTRICTED: the record is of a person");
}

void ValidateCurrency(const google::type::Money& amount, const google::type::Date& date,
                      const std::string& path, Violations& violations) {
  std::optional<DayRange> days;
  if (date.year() > 0 && !WhyInvalid(date)) days = DaysOf(date);
  // What is no amount at all has its violation.
  if (WhyInvalid(amount) || IsInUse(amount.currency_code(), days)) return;
  violations.Add(path,
                 days ? absl::StrCat("must be in a currency that was in use in ", FormatDate(date))
                      : "must be in a currency of today, as it has no date");
}

void ValidateBudgets(const google::protobuf::RepeatedPtrField<v1::Budget>& budgets,
                     std::string_view prefix, Violations& violations) {
  for (int i = 0; i < budgets.size(); ++i) {
    const v1::Budget& budget = budgets[i];
    const std::string path = absl::StrCat(std::string(prefix), ".budgets[", i, "]");
    if (!budget.period().has_start_date()) {
      violations.Add(path + ".period.start_date", "is required");
    }
    if (!budget.period().has_end_date()) violations.Add(path + ".period.end_date", "is required");
    if (CertainlyLonger(DaysOf(budget.period()), kMonthsOfBudget)) {
      violations.Add(path + ".period", "must be a year at most");
    }
    if (budget.has_amount() && NanosOf(budget.amount()) <= 0) {
      violations.Add(path + ".amount", "must be above zero");
    }
  }
}

absl::StatusOr<int> NextPosition(resource::Scope& scope, const std::string& table,
                                 const std::string& parent) {
  ASSIGN_OR_RETURN(const auto rows,
                   scope.tx().Query(absl::StrCat("SELECT COALESCE(MAX(position), 0) FROM ", table,
                                                 " WHERE parent = ? AND delete_time IS NULL"),
                                    {parent}));
  return static_cast<int>(storage::AsInt(rows[0][0])) + 1;
}

}  // namespace baliprocess::capacity
