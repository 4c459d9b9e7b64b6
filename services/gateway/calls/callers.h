// The loads of callers, by their subject: one caller may come over many connections, on all loops.
// Safe for many threads.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_CALLERS_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_CALLERS_H_

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/base/steady_time.h"
#include "services/gateway/net/load.h"

namespace baliprocess::gateway {

class Callers {
 public:
  // The load of this caller: the same for all who hold it at once, and for all who ask while its
  // rate isn't full again.
  std::shared_ptr<Load> LoadOf(const std::string& subject) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (loads_.size() >= sweep_at_) Sweep(SteadyNow());
    std::shared_ptr<Load>& load = loads_[subject];
    if (!load) load = std::make_shared<Load>();
    return load;
  }

  // How many are known.
  size_t size() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return loads_.size();
  }

 private:
  static constexpr size_t kMinSweep = 1024;

  // Nobody gets at a load that only the map holds while it is locked.
  void Sweep(SteadyTime now) {
    std::erase_if(loads_, [now](const auto& pair) {
      return pair.second.use_count() == 1 && pair.second->rate.full(now);
    });
    sweep_at_ = std::max(kMinSweep, 2 * loads_.size());
  }

  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Load>> loads_;
  size_t sweep_at_ = kMinSweep;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_CALLERS_H_
