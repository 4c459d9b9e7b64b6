// What the log says of a service's addresses and names: all event loops find out by themselves, and
// one line about it is enough.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_SHARED_LOGS_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_SHARED_LOGS_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/telemetry/state_log.h"

namespace baliprocess::gateway {

// Of one service. Safe for use by many threads.
class SharedLogs {
 public:
  // `service` is its name in the log.
  explicit SharedLogs(std::string service) : service_(std::move(service)) {}

  // Whether connections to an address such as `10.0.0.1:7401` can be made.
  std::shared_ptr<telemetry::StateLog> OfAddress(const std::string& address) {
    return Of("address " + address, "a service can't be connected to",
              "a service can be connected to again");
  }
  // Whether a name is known.
  std::shared_ptr<telemetry::StateLog> OfName(const std::string& name) {
    return Of("name " + name, "a service's name has no address",
              "a service's name has an address again");
  }

 private:
  std::shared_ptr<telemetry::StateLog> Of(const std::string& key, std::string_view lost,
                                          std::string_view back) {
    const std::lock_guard<std::mutex> lock(mutex_);
    // Addresses come and go.
    std::erase_if(logs_, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<telemetry::StateLog>& known = logs_[key];
    std::shared_ptr<telemetry::StateLog> log = known.lock();
    if (log == nullptr) {
      log = std::make_shared<telemetry::StateLog>(
          telemetry::StateLog::Options{.component = "gateway",
                                       .lost = std::string(lost),
                                       .back = std::string(back),
                                       .service = service_});
      known = log;
    }
    return log;
  }

  const std::string service_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<telemetry::StateLog>> logs_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_SHARED_LOGS_H_
