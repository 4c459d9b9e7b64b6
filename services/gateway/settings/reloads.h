// What of the gateway's settings was read anew while it runs.

#ifndef BALIPROCESS_SERVICES_GATEWAY_SETTINGS_RELOADS_H_
#define BALIPROCESS_SERVICES_GATEWAY_SETTINGS_RELOADS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace baliprocess::gateway {

// How often files and the like were read anew, and with what result. Safe for many threads.
class Reloads {
 public:
  // `what` is `certificate`, `jwks` or the like. Failed: what was read before stays in use.
  void Add(std::string_view what, bool succeeded) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++counts_[{std::string(what), succeeded}];
  }
  std::map<std::pair<std::string, bool>, uint64_t> get() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, bool>, uint64_t> counts_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SETTINGS_RELOADS_H_
