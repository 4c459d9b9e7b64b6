#include "services/gateway/calls/rates.h"

#include <utility>

#include "absl/time/time.h"

#include "common/base/errors.h"
#include "common/telemetry/log.h"

namespace baliprocess::gateway {
namespace {

absl::Status Refuse(RateMeter& meter, std::chrono::nanoseconds wait, const Peer& peer,
                    std::string_view subject, SteadyTime now) {
  if (const auto refused = meter.CountForLog(now)) {
    telemetry::Log(telemetry::Level::kWarn, "gateway", "calls refused")
        .Field("peer", peer.address())
        .Field("subject", subject)
        .Field("reason", "more calls a second than its role may make")
        .Field("refused", *refused);
  }
  const std::string_view whose =
      subject.empty() ? "calls without a token of one address are limited: wait, or send a token"
                      : "calls of one caller are limited: wait";
  return WithRetryAfter(Error(api::v1::Error::RATE_LIMITED, whose), absl::FromChrono(wait));
}

bool IsWider(const RateLimit& a, const RateLimit& b) {
  if (a.per_second <= 0 || b.per_second <= 0) return b.per_second > 0;
  return std::pair(a.per_second, a.at_once) > std::pair(b.per_second, b.at_once);
}

}  // namespace

const RateLimit& RateLimitOf(const auth::Caller& caller, const Rates& rates) {
  const RateLimit* widest = &rates.anonymous;
  for (const auto& [role, limit] : {std::pair(api::v1::Access::OBSERVER, &rates.observer),
                                    std::pair(api::v1::Access::MEMBER, &rates.member),
                                    std::pair(api::v1::Access::SECRETARIAT, &rates.secretariat),
                                    std::pair(api::v1::Access::OPERATOR, &rates.system_operator)}) {
    if (caller.Has(role) && IsWider(*limit, *widest)) widest = limit;
  }
  return *widest;
}

absl::Status TakeOne(RateMeter& meter, const RateLimit& limit, const Peer& peer,
                     std::string_view subject, SteadyTime now) {
  const std::chrono::nanoseconds wait = meter.Take(limit, now);
  if (wait == std::chrono::nanoseconds(0)) return absl::OkStatus();
  return Refuse(meter, wait, peer, subject, now);
}

void ChargeReading(RateMeter& meter, const RateLimit& limit, size_t bytes, SteadyTime now) {
  // As JSON these take about as long as a call.
  constexpr size_t kBytesOfCall = 16 << 10;
  if (bytes > kBytesOfCall) meter.Charge(static_cast<double>(bytes / kBytesOfCall), limit, now);
}

absl::Status JudgeDebt(RateMeter& meter, const RateLimit& limit, const Peer& peer,
                       std::string_view subject, SteadyTime now) {
  const std::chrono::nanoseconds wait = meter.Debt(limit, now);
  if (wait == std::chrono::nanoseconds(0)) return absl::OkStatus();
  return Refuse(meter, wait, peer, subject, now);
}

}  // namespace baliprocess::gateway
