// Amounts of money (google.type.Money).

#ifndef BALIPROCESS_COMMON_BASE_MONEY_H_
#define BALIPROCESS_COMMON_BASE_MONEY_H_

#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "google/type/money.pb.h"

namespace baliprocess {

// Why `money` isn't an amount in a currency of ISO 4217 with units and nano units of one sign;
// nullopt when it is one. The text completes the sentence "must be ...".
std::optional<std::string> WhyInvalid(const google::type::Money& money);

// The amount in nano units (billionths) of its currency, so that amounts add up exactly.
absl::int128 NanosOf(const google::type::Money& money);

// `AUD 1250.50`: at least two decimals, and as many as there are.
std::string FormatMoney(const google::type::Money& money);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_MONEY_H_
