// Requests that are kept after they went on, so that their calls can be made again: how many bytes
// they are. Of one event loop.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_KEPT_REQUESTS_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_KEPT_REQUESTS_H_

#include <cstddef>
#include <cstdint>

#include "common/telemetry/log.h"
#include "services/gateway/net/peer.h"

namespace baliprocess::gateway {

class KeptRequests {
 public:
  explicit KeptRequests(int64_t most) : most_(most), log_(1, 1.0 / 60, SteadyNow()) {}

  // False when there is no room for so many bytes: the call goes on and can't be repeated.
  bool Take(size_t bytes) {
    if (bytes_ + static_cast<int64_t>(bytes) > most_) {
      if (log_.Take(SteadyNow())) {
        telemetry::Log(telemetry::Level::kWarn, "gateway",
                       "requests aren't kept: too many bytes wait for replies");
      }
      return false;
    }
    bytes_ += static_cast<int64_t>(bytes);
    return true;
  }
  void Give(size_t bytes) { bytes_ -= static_cast<int64_t>(bytes); }

 private:
  const int64_t most_;
  int64_t bytes_ = 0;
  LogQuota log_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_KEPT_REQUESTS_H_
