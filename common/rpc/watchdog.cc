#include "common/rpc/watchdog.h"

#include <unistd.h>

#include <algorithm>

#include "common/telemetry/log.h"

namespace baliprocess::rpc {
namespace {

constexpr absl::Duration kLastLine = absl::Milliseconds(50);
// More would overflow the clock: the deadline would have passed at once.
constexpr absl::Duration kLongestPatience = absl::Hours(24 * 365);

}  // namespace

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Arm(absl::Duration patience) {
  thread_ = std::thread([this, patience] { Run(patience); });
}

void Watchdog::Run(absl::Duration patience) {
  std::unique_lock lock(mutex_);
  const auto over = [this] { return over_; };
  const absl::Duration longest = std::min(patience, kLongestPatience);
  if (ended_.wait_for(lock, absl::ToChronoMilliseconds(longest), over)) return;
  passed_ = true;
  telemetry::Log(telemetry::Level::kWarn, "main", "the drain deadline has passed: giving up");
  if (ended_.wait_for(lock, absl::ToChronoMilliseconds(kLastResort), over)) return;
  telemetry::Log(telemetry::Level::kError, "main", "something hangs: ending without it");
  // The log is written by a thread of its own, which has a moment for that line.
  ended_.wait_for(lock, absl::ToChronoMilliseconds(kLastLine), over);
  _exit(1);
}

}  // namespace baliprocess::rpc
