#include "common/resource/engine/background.h"

#include <bit>
#include <utility>

#include "absl/time/clock.h"

#include "common/telemetry/log.h"

namespace baliprocess::resource {

using telemetry::Level;
using telemetry::Log;

absl::Status BackgroundWork::Run(const std::string& part,
                                 const std::function<absl::Status()>& work) {
  absl::Status status = work();
  const std::lock_guard<std::mutex> lock(mutex_);
  Part& done = parts_[part];
  if (status.ok()) {
    ++done.succeeded;
    done.last_success = absl::Now();
    if (std::exchange(done.failed_in_a_row, 0) > 0) {
      Log(Level::kInfo, "engine", "background work succeeds again").Field("subject", part);
    }
    return status;
  }
  ++done.failed;
  const int64_t row = ++done.failed_in_a_row;
  if (std::has_single_bit(static_cast<uint64_t>(row))) {
    Log(Level::kError, "engine", "background work failed")
        .Field("subject", part)
        .Field("attempt", row)
        .Field("failures", done.failed)
        .Field("error", status.ToString());
  }
  return status;
}

void BackgroundWork::AddMetrics(telemetry::Families& families) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  families.Counter("bali_background_runs_total", "Runs of work in the background, by result.");
  for (const auto& [name, part] : parts_) {
    families.Add({{"part", name}, {"result", "ok"}}, static_cast<double>(part.succeeded));
    families.Add({{"part", name}, {"result", "failed"}}, static_cast<double>(part.failed));
  }
  families.Gauge("bali_background_last_success_timestamp_seconds",
                 "When a part of it succeeded last, since 1970; 0: never.");
  for (const auto& [name, part] : parts_) {
    families.Add({{"part", name}}, absl::ToDoubleSeconds(part.last_success - absl::UnixEpoch()));
  }
}

}  // namespace baliprocess::resource
