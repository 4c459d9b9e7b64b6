#include "services/balictl/program/interruption.h"

#include <algorithm>
#include <thread>

#include "absl/strings/cord.h"
#include "absl/time/clock.h"

namespace baliprocess::balictl {
namespace {

constexpr char kPayload[] = "balictl/interrupted";
constexpr absl::Duration kLook = absl::Milliseconds(200);

}  // namespace

absl::Status InterruptedError() {
  absl::Status status = absl::CancelledError("interrupted");
  status.SetPayload(kPayload, absl::Cord());
  return status;
}

bool IsInterruption(const absl::Status& status) { return status.GetPayload(kPayload).has_value(); }

void Pause(absl::Duration pause, const std::function<bool()>& interrupted) {
  const absl::Time end = absl::Now() + pause;
  for (absl::Duration left = pause; left > absl::ZeroDuration(); left = end - absl::Now()) {
    if (interrupted && interrupted()) return;
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(std::min(left, kLook)));
  }
}

}  // namespace baliprocess::balictl
