// The engine's numbers as Prometheus reads them.

#include "common/resource/engine/engine.h"

namespace baliprocess::resource {

void Engine::AddMetrics(telemetry::Families& families) const {
  feed_.AddMetrics(families);
  kept_answers_.AddMetrics(families);
  standby_reads_.AddMetrics(families);
  background_.AddMetrics(families);
  record_numbers_.AddMetrics(families);
  families
      .Counter("bali_replays_total",
               "Calls whose request_id had been used: they were told what the first was told.")
      .Add({}, static_cast<double>(replays_.get()));
  families
      .Gauge("bali_clock_trusted",
             "0: the wall clock was set, and nothing is removed or becomes due (clock_trust.h).")
      .Add({}, clock_trust_.trusted());
  families
      .Gauge("bali_oldest_change_timestamp_seconds",
             "When the oldest change that is kept was made, since 1970; 0: there is none.")
      .Add({}, absl::ToDoubleSeconds(oldest_change_.load() - absl::UnixEpoch()));
}

}  // namespace baliprocess::resource
