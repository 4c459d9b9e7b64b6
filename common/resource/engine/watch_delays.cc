#include "common/resource/engine/watch_delays.h"

#include <algorithm>

#include "common/base/steady_time.h"

namespace baliprocess::resource {
namespace {

int64_t NowCount() { return SteadyNow().time_since_epoch().count(); }

}  // namespace

WatchDelays::Watch::Watch(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  shared_->watches.insert(this);
}

WatchDelays::Watch::~Watch() {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  shared_->watches.erase(this);
}

void WatchDelays::Watch::Woken() {
  int64_t none = 0;
  woken_.compare_exchange_strong(none, NowCount());
}

void WatchDelays::Watch::CaughtUp() {
  const int64_t woken = woken_.exchange(0);
  const bool told = told_.exchange(false);
  if (woken != 0 && told) shared_->delays.Add(SteadyTime::duration(NowCount() - woken));
}

void WatchDelays::AddMetrics(telemetry::Families& families) const {
  int64_t longest = 0;
  size_t watches = 0;
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    watches = shared_->watches.size();
    for (const Watch* watch : shared_->watches) {
      const int64_t woken = watch->woken_;
      if (woken != 0) longest = std::max(longest, NowCount() - woken);
    }
  }
  families.Gauge("bali_watches", "Watches of changes that are open.")
      .Add({}, static_cast<double>(watches));
  families.Gauge("bali_watch_lag_seconds", "How long ago the watch that lags most was woken.")
      .Add({}, std::chrono::duration<double>(SteadyTime::duration(longest)).count());
  families.Histogram("bali_watch_delay_seconds",
                     "From when a watch was woken until it had told all that there was.");
  families.Add({}, SummedDurations(shared_->delays));
}

}  // namespace baliprocess::resource
