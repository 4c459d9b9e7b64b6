// The loads of callers, by their subject: one caller may come over many connections, on all loops.
// Safe for many threads.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_CALLERS_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_CALLERS_H_

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "services/gateway/net/load.h"

namespace baliprocess::gateway {

class Callers {
 public:
  // The load of this caller, for as long as somebody holds it.
  std::shared_ptr<Load> LoadOf(const std::string& subject) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (loads_.size() >= sweep_at_) Sweep();
    std::weak_ptr<Load>& known = loads_[subject];
    std::shared_ptr<Load> load = known.lock();
    if (!load) known = load = std::make_shared<Load>();
    return load;
  }

 private:
  static constexpr size_t kMinSweep = 1024;

  void Sweep() {
    std::erase_if(loads_, [](const auto& pair) { return pair.second.expired(); });
    sweep_at_ = std::max(kMinSweep, 2 * loads_.size());
  }

  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<Load>> loads_;
  size_t sweep_at_ = kMinSweep;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_CALLERS_H_
