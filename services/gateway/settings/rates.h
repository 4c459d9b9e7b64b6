// What the flag --rates says.

#ifndef BALIPROCESS_SERVICES_GATEWAY_SETTINGS_RATES_H_
#define BALIPROCESS_SERVICES_GATEWAY_SETTINGS_RATES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// Reads entries such as `member=100:400` (so many calls a second, so many at once) and `member=0`
// (no limit), or `none` alone (NoRates). Roles that none of them names keep their default. A rate
// is 0.001 to 1,000,000,000 a second, and 1 to 1,000,000 at once.
absl::StatusOr<Rates> ParseRates(const std::vector<std::string>& entries);

// Nobody is limited.
Rates NoRates();

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SETTINGS_RATES_H_
