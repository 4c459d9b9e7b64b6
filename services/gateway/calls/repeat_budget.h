// How many calls to one service may be repeated: so few that repeats can't make a storm of trouble
// that the service has anyway. Of one event loop.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_REPEAT_BUDGET_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_REPEAT_BUDGET_H_

#include <cstdint>
#include <string>

#include "common/telemetry/log.h"
#include "services/gateway/net/counts.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/token_bucket.h"

namespace baliprocess::gateway {

// Each call adds a part of a repeat, 0.2 unless a test says otherwise; time adds one each second.
class RepeatBudget {
 public:
  // A service that gets next to no calls may have so many repeated.
  static constexpr double kFloor = 10;
  // What calls have added is kept up to this: as many calls as are lost at once with a replica.
  static constexpr double kMost = 1000;

  // `service` is its name in the log.
  RepeatBudget(std::string service, double ratio, SteadyTime now)
      : service_(std::move(service)), ratio_(ratio), floor_(kFloor, 1, now), log_(1, 1, now) {}

  void OnCall() {
    calls_.Add();
    earned_ = std::min(kMost, earned_ + ratio_);
  }

  // Takes a repeat; false when there is none left.
  bool TryTake(SteadyTime now) {
    if (ratio_ <= 0) return false;
    if (earned_ >= 1) {
      earned_ -= 1;
    } else if (!floor_.TryTake(1, now)) {
      Refuse(now);
      return false;
    }
    repeats_.Add();
    return true;
  }

  // From any thread: calls that were begun, repeats, and those that there was no budget for.
  uint64_t calls() const { return calls_.get(); }
  uint64_t repeats() const { return repeats_.get(); }
  uint64_t refused() const { return refused_.get(); }

 private:
  void Refuse(SteadyTime now) {
    refused_.Add();
    if (!log_.Take(now)) return;
    telemetry::Log(telemetry::Level::kWarn, "gateway", "calls aren't repeated: too many fail")
        .Field("service", service_)
        .Field("lines", log_.TakeLeftOut() + 1);
  }

  const std::string service_;
  const double ratio_;
  double earned_ = 0;
  TokenBucket floor_;
  LogQuota log_;
  Count calls_;
  Count repeats_;
  Count refused_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_REPEAT_BUDGET_H_
