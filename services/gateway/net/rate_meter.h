// How often somebody calls, against a limit (settings/options.h). A bucket of tokens, kept as one
// number: the time at which it would be full again (the generic cell rate algorithm of ITU-T
// I.371). Safe for many threads; a call costs one atomic exchange.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_RATE_METER_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_RATE_METER_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "common/base/steady_time.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

class RateMeter {
 public:
  // Counts a call. Not zero: it is one too many, isn't counted, and would be within the limit after
  // this time, if no other comes meanwhile.
  std::chrono::nanoseconds Take(const RateLimit& limit, SteadyTime now) {
    if (limit.per_second <= 0) return std::chrono::nanoseconds(0);
    const auto interval = static_cast<int64_t>(1e9 / limit.per_second);
    const auto slack = static_cast<int64_t>((limit.at_once - 1) * static_cast<double>(interval));
    const int64_t at = Nanos(now);
    int64_t full_at = full_at_.load(std::memory_order_relaxed);
    while (true) {
      const int64_t from = std::max(full_at, at);
      if (from - at > slack) return std::chrono::nanoseconds(from - at - slack);
      if (full_at_.compare_exchange_weak(full_at, from + interval, std::memory_order_relaxed)) {
        return std::chrono::nanoseconds(0);
      }
    }
  }

  // Counts so many calls, even if they are too many: those that follow wait the longer.
  void Charge(double calls, const RateLimit& limit, SteadyTime now) {
    if (limit.per_second <= 0) return;
    const auto amount = static_cast<int64_t>(calls * 1e9 / limit.per_second);
    int64_t full_at = full_at_.load(std::memory_order_relaxed);
    while (!full_at_.compare_exchange_weak(full_at, std::max(full_at, Nanos(now)) + amount,
                                           std::memory_order_relaxed)) {
    }
  }

  // Zero, or how long it is until no more has been counted than is allowed at once: that happens
  // by Charge alone.
  std::chrono::nanoseconds Debt(const RateLimit& limit, SteadyTime now) const {
    if (limit.per_second <= 0) return std::chrono::nanoseconds(0);
    const auto most = static_cast<int64_t>(limit.at_once * 1e9 / limit.per_second);
    const int64_t over = full_at_.load(std::memory_order_relaxed) - Nanos(now) - most;
    return std::chrono::nanoseconds(std::max<int64_t>(over, 0));
  }

  // Whether no call is held against anybody any more.
  bool full(SteadyTime now) const { return full_at_.load(std::memory_order_relaxed) <= Nanos(now); }

  // Of a call that was one too many: how many there were since the log was told last, this one
  // among them, when it is to be told again. That is so for the first, and then once a minute.
  std::optional<uint64_t> CountForLog(SteadyTime now) {
    constexpr int64_t kMinute = 60'000'000'000;
    refused_.fetch_add(1, std::memory_order_relaxed);
    int64_t next = log_at_.load(std::memory_order_relaxed);
    if (Nanos(now) < next || !log_at_.compare_exchange_strong(next, Nanos(now) + kMinute)) {
      return std::nullopt;
    }
    return refused_.exchange(0);
  }

 private:
  static int64_t Nanos(SteadyTime time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  }

  std::atomic<int64_t> full_at_ = 0;
  std::atomic<int64_t> log_at_ = 0;
  std::atomic<uint64_t> refused_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_RATE_METER_H_
