// How much an address has to do, as calls are balanced by it. Knows no clock of its own.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_LOAD_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_LOAD_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "absl/time/time.h"

#include "common/base/steady_time.h"

namespace baliprocess::gateway {

class EndpointLoad {
 public:
  // What is balanced apart: a replica full of idle watches has as much room for unary calls as one
  // without.
  enum Kind { kUnary, kStream };

  // The share of an address that has just become usable; it grows to 1 within `slow_start`.
  static constexpr double kFirstWeight = 0.1;

  explicit EndpointLoad(absl::Duration slow_start)
      : slow_start_(absl::ToDoubleSeconds(slow_start)) {}

  void Begin(Kind kind) { ++outstanding_[kind]; }
  void End(Kind kind) { --outstanding_[kind]; }

  // A call ended with UNAVAILABLE. It counts as one more that is under way, and half as much with
  // each second: else what fails fast would get most of the calls.
  void Fail(SteadyTime now) { penalty_ = Penalty(now) + 1; }

  // The address has become usable.
  void Warm(SteadyTime now) {
    warming_ = true;
    usable_since_ = now;
  }

  // The address with the least is the best.
  double Cost(Kind kind, SteadyTime now) {
    return (static_cast<double>(outstanding_[kind]) + Penalty(now)) / Weight(now);
  }

 private:
  static constexpr double kForgotten = 0.05;

  static double Seconds(SteadyTime::duration duration) {
    return std::chrono::duration<double>(duration).count();
  }

  double Weight(SteadyTime now) {
    if (!warming_) return 1;
    const double age = Seconds(now - usable_since_);
    warming_ = age < slow_start_;
    return warming_ ? std::max(kFirstWeight, age / slow_start_) : 1;
  }

  double Penalty(SteadyTime now) {
    if (penalty_ > 0) penalty_ *= std::exp2(-Seconds(now - penalty_at_));
    if (penalty_ < kForgotten) penalty_ = 0;
    penalty_at_ = now;
    return penalty_;
  }

  const double slow_start_;
  std::array<int, 2> outstanding_ = {};
  double penalty_ = 0;
  SteadyTime penalty_at_;
  bool warming_ = false;
  SteadyTime usable_since_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_LOAD_H_
