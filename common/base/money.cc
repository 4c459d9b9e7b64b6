#include "common/base/money.h"

#include <cstdlib>
#include <unordered_set>

#include "absl/strings/str_format.h"

namespace baliprocess {
namespace {

constexpr int32_t kNanosPerUnit = 1'000'000'000;

bool IsCurrency(const std::string& code) {
  static const auto& currencies = *new std::unordered_set<std::string>{
#include "currencies.inc"
  };
  return currencies.count(code) > 0;
}

}  // namespace

std::optional<std::string> WhyInvalid(const google::type::Money& money) {
  if (!IsCurrency(money.currency_code())) {
    return "an amount in a currency of ISO 4217, such as AUD";
  }
  const bool one_sign =
      (money.units() >= 0 && money.nanos() >= 0) || (money.units() <= 0 && money.nanos() <= 0);
  if (!one_sign || money.nanos() <= -kNanosPerUnit || money.nanos() >= kNanosPerUnit) {
    return "an amount with units and nanos of one sign, and nanos below a unit";
  }
  return std::nullopt;
}

absl::int128 NanosOf(const google::type::Money& money) {
  return absl::int128(money.units()) * kNanosPerUnit + money.nanos();
}

std::string FormatMoney(const google::type::Money& money) {
  const bool negative = money.units() < 0 || money.nanos() < 0;
  std::string decimals = absl::StrFormat("%09d", std::abs(money.nanos()));
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  // Without its sign the lowest number of units is no int64.
  const uint64_t units =
      negative ? ~static_cast<uint64_t>(money.units()) + 1 : static_cast<uint64_t>(money.units());
  return absl::StrFormat("%s %s%d.%s", money.currency_code(), negative ? "-" : "", units, decimals);
}

}  // namespace baliprocess
