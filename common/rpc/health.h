// grpc.health.v1: whether a server takes calls, for those that route to it.
//
// The library's own service isn't used because who watches it keeps the server from draining.

#ifndef BALIPROCESS_COMMON_RPC_HEALTH_H_
#define BALIPROCESS_COMMON_RPC_HEALTH_H_

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "grpc/health/v1/health.pb.h"

#include "common/rpc/service.h"

namespace baliprocess::rpc {

// Knows the names of the server's services, and "" for the server as a whole. Safe for use by many
// threads.
class Health {
 public:
  // `answering`: whether what the server depends on is known to answer.
  Health(std::set<std::string> services, bool answering)
      : services_(std::move(services)), answering_(answering) {
    services_.insert("");
  }

  // Check, List and Watch. The health outlives the server that offers them.
  MethodTable Table();

  // Reports NOT_SERVING from now on.
  void Stop();

  // Reports SERVING, unless it is stopped, or NOT_SERVING until this is called again.
  void SetAnswering(bool answering);

 private:
  class Watcher;
  void WakeWatchers(std::unique_lock<std::mutex> lock);
  grpc::health::v1::HealthCheckResponse::ServingStatus Status(const std::string& service);

  std::set<std::string> services_;
  std::mutex mutex_;
  bool stopped_ = false;
  bool answering_;
  std::map<const Watcher*, std::function<void()>> watchers_;  // how to wake them
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_HEALTH_H_
