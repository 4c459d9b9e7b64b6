// A measure that fills with time: so much at once, so much a second after that.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_TOKEN_BUCKET_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_TOKEN_BUCKET_H_

#include <algorithm>
#include <chrono>

#include "services/gateway/net/timer.h"

namespace baliprocess::gateway {

class TokenBucket {
 public:
  // Full at first.
  TokenBucket(double size, double per_second, SteadyTime now)
      : size_(size), per_second_(per_second), level_(size), filled_(now) {}

  // Takes `amount` when there is as much.
  bool TryTake(double amount, SteadyTime now) {
    if (level(now) < amount) return false;
    level_ -= amount;
    return true;
  }

  // Takes `amount`, even when there is less: the bucket is in debt then, by at most its size.
  void Charge(double amount, SteadyTime now) { level_ = std::max(level(now) - amount, -size_); }

  void Give(double amount) { level_ = std::min(size_, level_ + amount); }

  bool full(SteadyTime now) { return level(now) >= size_; }

  // What is in it; negative when it is in debt.
  double level(SteadyTime now) {
    if (now > filled_) {
      Give(per_second_ * std::chrono::duration<double>(now - filled_).count());
      filled_ = now;
    }
    return level_;
  }

 private:
  double size_;
  double per_second_;
  double level_;
  SteadyTime filled_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_TOKEN_BUCKET_H_
