#include "common/telemetry/state_log.h"

#include <utility>

#include "common/telemetry/log.h"

namespace baliprocess::telemetry {

void StateLog::Fails(std::string_view error) {
  const std::lock_guard lock(mutex_);
  failing_ = true;
  ++failures_;
  const SteadyTime now = SteadyNow();
  if (said_ || now < next_line_) return;
  said_ = true;
  next_line_ = now + absl::ToChronoNanoseconds(options_.pause);
  LogLine line = Log(Level::kError, options_.component, options_.lost);
  if (!options_.service.empty()) line.Field("service", std::string_view(options_.service));
  line.Field("error", error).Field("failures", std::exchange(failures_, 0));
}

void StateLog::Works() {
  if (!failing_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  failing_ = false;
  if (!std::exchange(said_, false)) return;
  LogLine line = Log(Level::kInfo, options_.component, options_.back);
  if (!options_.service.empty()) line.Field("service", std::string_view(options_.service));
  line.Field("failures", std::exchange(failures_, 0));
}

}  // namespace baliprocess::telemetry
