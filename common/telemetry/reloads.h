// What of the settings was read anew while the process runs.

#ifndef BALIPROCESS_COMMON_TELEMETRY_RELOADS_H_
#define BALIPROCESS_COMMON_TELEMETRY_RELOADS_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/telemetry/operators.h"

namespace baliprocess::telemetry {

// How often files and the like were read anew, and with what result. Safe for many threads.
class Reloads final : public Inspected {
 public:
  // `expected`: what may be read anew, which is shown from the start. A counter that began with its
  // first failure would hide it from alerts.
  explicit Reloads(std::initializer_list<std::string_view> expected) {
    for (const std::string_view what : expected) {
      for (const bool succeeded : {true, false}) counts_[{std::string(what), succeeded}] = 0;
    }
  }

  // `what` is `certificate`, `jwks` or the like. Failed: what was read before stays in use.
  void Add(std::string_view what, bool succeeded) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++counts_[{std::string(what), succeeded}];
  }
  std::map<std::pair<std::string, bool>, uint64_t> get() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counts_;
  }

  void AddMetrics(Families& families) const override {
    families.Counter("bali_reloads_total", "Files and the like that were read anew, by result.");
    for (const auto& [key, count] : get()) {
      families.Add({{"what", key.first}, {"result", key.second ? "ok" : "failed"}},
                   static_cast<double>(count));
    }
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, bool>, uint64_t> counts_;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_RELOADS_H_
