// Amounts of money (google.type.Money).

#ifndef BALIPROCESS_COMMON_BASE_MONEY_H_
#define BALIPROCESS_COMMON_BASE_MONEY_H_

#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "google/type/money.pb.h"

#include "common/base/date.h"

namespace baliprocess {

// Why `money` isn't an amount in a currency, of today or of before, with units and nano units of
// one sign; nullopt when it is one. What ISO 4217 lists that nobody pays in is no currency: codes
// for testing (XTS) and for none (XXX), metals (XAU), funds (CHE) and units of account, except for
// the IMF's (XDR). The text completes the sentence "must be ...".
std::optional<std::string> WhyInvalid(const google::type::Money& money);

// Whether a currency was in use on one of the days or later; without days, whether it is one of
// today. The ends of currencies are those of CLDR: the Croatian kuna's was in January 2023.
bool IsInUse(const std::string& currency_code, const std::optional<DayRange>& days);

// The amount in nano units (billionths) of its currency, so that amounts add up exactly.
absl::int128 NanosOf(const google::type::Money& money);

// `AUD 1250.50`: at least two decimals, and as many as there are.
std::string FormatMoney(const google::type::Money& money);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_MONEY_H_
