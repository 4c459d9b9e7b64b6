#include "common/resource/engine/background.h"

#include <bit>

#include "common/telemetry/log.h"

namespace baliprocess::resource {

using telemetry::Level;
using telemetry::Log;

absl::Status BackgroundWork::Run(const std::string& part,
                                 const std::function<absl::Status()>& work) {
  absl::Status status = work();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (status.ok()) {
    if (in_a_row_.erase(part) > 0) {
      Log(Level::kInfo, "engine", "background work succeeds again").Field("subject", part);
    }
    return status;
  }
  ++failures_;
  const int64_t row = ++in_a_row_[part];
  if (std::has_single_bit(static_cast<uint64_t>(row))) {
    Log(Level::kError, "engine", "background work failed")
        .Field("subject", part)
        .Field("attempt", row)
        .Field("failures", failures_)
        .Field("error", status.ToString());
  }
  return status;
}

}  // namespace baliprocess::resource
