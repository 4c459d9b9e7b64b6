// How often a caller may call.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_RATES_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_RATES_H_

#include <string_view>

#include "absl/status/status.h"

#include "common/auth/caller.h"
#include "common/base/steady_time.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/rate_meter.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// The widest of the limits that the caller's roles have.
const RateLimit& RateLimitOf(const auth::Caller& caller, const Rates& rates);

// Counts a call of this subject, which is empty without a token. RATE_LIMITED, with the time after
// which it may come again, when it is one too many: the log has a line of that, though not for each
// such call.
absl::Status TakeOne(RateMeter& meter, const RateLimit& limit, const Peer& peer,
                     std::string_view subject, SteadyTime now);

// Counts the work of reading so many bytes of text, beside the call that has them: that many calls
// could have been made instead. Small ones are free. Never refused, but see JudgeDebt.
void ChargeReading(RateMeter& meter, const RateLimit& limit, size_t bytes, SteadyTime now);

// RATE_LIMITED while more is charged than the caller may use at once; otherwise as TakeOne, but
// that nothing is counted.
absl::Status JudgeDebt(RateMeter& meter, const RateLimit& limit, const Peer& peer,
                       std::string_view subject, SteadyTime now);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_RATES_H_
