#include "services/gateway/net/peer.h"

#include "common/telemetry/log.h"

namespace baliprocess::gateway {
namespace {

constexpr double kCallLines = 100, kCallLinesPerSecond = 10;
constexpr double kConnectionLines = 20, kConnectionLinesPerSecond = 1;

// So many connections may be cut off before the address is suspect, and one more in four seconds. A
// suspect's new connections are few and their budgets small (listen/downstream): what they can
// cost, 1.5 ms for TLS and 2 ms of work each, stays below 5% of a core.
constexpr double kStrikes = 3, kStrikesPerSecond = 0.25;
constexpr double kConnects = 10, kConnectsPerSecond = 10;

void LogLeftOut(const std::string& address, uint64_t lines) {
  if (lines == 0) return;
  telemetry::Log(telemetry::Level::kWarn, "gateway", "lines about a peer weren't logged")
      .Field("peer", address)
      .Field("lines", lines);
}

}  // namespace

Peer::Peer(std::string address, const Limits& limits, Pools& pools, SteadyTime now, bool is_proxy)
    : address_(std::move(address)),
      is_proxy_(is_proxy),
      calls_held_(pools.calls),
      unread_bytes_(pools.unread_bytes),
      calls_(kCallLines, kCallLinesPerSecond, now),
      connection_(kConnectionLines, kConnectionLinesPerSecond, now),
      strikes_(kStrikes, kStrikesPerSecond, now),
      connects_(kConnects, kConnectsPerSecond, now),
      work_(limits.work_at_once_per_address(), limits.work_per_second_per_address, now) {}

Peer::~Peer() { LogLeftOut(address_, calls_.TakeLeftOut() + connection_.TakeLeftOut()); }

bool Peer::MayLog(Topic topic, SteadyTime now) {
  uint64_t left_out = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!quota(topic).Take(now)) return false;
    left_out = quota(topic).TakeLeftOut();
  }
  LogLeftOut(address_, left_out);
  return true;
}

bool Peer::Pay(double work, SteadyTime now) {
  if (is_proxy_) return true;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (work > 0) return work_.TryTake(work, now);
  work_.Give(-work);
  return true;
}

void Peer::Strike(double weight, SteadyTime now) {
  if (is_proxy_) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  strikes_.Charge(weight, now);
}

bool Peer::suspect(SteadyTime now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return strikes_.level(now) < 0;
}

bool Peer::clean(SteadyTime now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return strikes_.full(now) && work_.full(now) && anonymous_load_.rate.full(now);
}

bool Peer::MayConnect(SteadyTime now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return connects_.TryTake(1, now);
}

}  // namespace baliprocess::gateway
