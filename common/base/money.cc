#include "common/base/money.h"

#include <unicode/ucurr.h>
#include <unicode/uenum.h>

#include <cstdlib>
#include <string_view>
#include <unordered_set>

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace baliprocess {
namespace {

constexpr int32_t kNanosPerUnit = 1'000'000'000;

// Of ISO 4217, but nobody pays in them.
constexpr std::string_view kUnpaid[] = {"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN",
                                        "UYI", "UYW", "XAG", "XAU", "XBA", "XBB", "XBC",
                                        "XBD", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"};

bool IsOfToday(std::string_view code) {
  static const auto& currencies = *[] {
    auto* made = new std::unordered_set<std::string_view>{
#include "currencies.inc"
    };
    for (const std::string_view unpaid : kUnpaid) made->erase(unpaid);
    return made;
  }();
  return currencies.count(code) > 0;
}

// Whether CLDR has it among the currencies that are or were paid in, with the time that they were.
// ICU's own data: it can't fail but for want of memory.
bool IsDated(const std::string& code) {
  static const auto& currencies = *[] {
    auto* made = new std::unordered_set<std::string>;
    UErrorCode error = U_ZERO_ERROR;
    UEnumeration* common = ucurr_openISOCurrencies(UCURR_COMMON, &error);
    while (const char* next = uenum_next(common, nullptr, &error)) made->insert(next);
    uenum_close(common);
    return made;
  }();
  return currencies.count(code) > 0;
}

// Whether a dated currency was in use on the day (in milliseconds since 1970) or later.
bool WasInUseSince(const std::string& code, UDate day) {
  const UChar text[] = {static_cast<UChar>(code[0]), static_cast<UChar>(code[1]),
                        static_cast<UChar>(code[2]), 0};
  UErrorCode error = U_ZERO_ERROR;
  return ucurr_isAvailable(text, day, U_DATE_MAX, &error) && U_SUCCESS(error);
}

}  // namespace

std::optional<std::string> WhyInvalid(const google::type::Money& money) {
  if (!IsOfToday(money.currency_code()) && !IsDated(money.currency_code())) {
    return "an amount in a currency that is paid in (ISO 4217), such as AUD";
  }
  const bool one_sign =
      (money.units() >= 0 && money.nanos() >= 0) || (money.units() <= 0 && money.nanos() <= 0);
  if (!one_sign || money.nanos() <= -kNanosPerUnit || money.nanos() >= kNanosPerUnit) {
    return "an amount with units and nanos of one sign, and nanos below a unit";
  }
  return std::nullopt;
}

bool IsInUse(const std::string& currency_code, const std::optional<DayRange>& days) {
  if (!days || !IsDated(currency_code)) return IsOfToday(currency_code);
  const absl::CivilDay first(days->first / 10000, days->first / 100 % 100, days->first % 100);
  constexpr UDate kMillisecondsPerDay = 86'400'000;
  return WasInUseSince(
      currency_code, static_cast<UDate>(first - absl::CivilDay(1970, 1, 1)) * kMillisecondsPerDay);
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
