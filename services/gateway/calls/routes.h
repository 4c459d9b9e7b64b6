// Which paths exist, and where each leads: from the descriptors compiled into the program.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_ROUTES_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_ROUTES_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"

#include "common/auth/access.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// One method.
struct Route {
  enum class Kind { kForward, kHealthCheck, kHealthWatch };
  Kind kind = Kind::kForward;
  size_t index = 0;  // in Routes::all()
  std::string path;
  std::string service;                         // full name
  const auth::MethodAccess* access = nullptr;  // null: the gateway's own, open to all
  std::optional<size_t> backend;               // the index in Options::services
  bool unary = true;                           // one message each way
  bool one_request = true;                     // the request is one message
  bool repeatable = false;                     // done twice is as done once
  int request_id = 0;  // the number of the request's field `request_id`, by which a service knows
                       // a call that it has done already; 0: there is none
};

class Routes {
 public:
  // Every method in `policy`, and grpc.health.v1. `policy` must outlive the routes. An error when
  // `services` names one that isn't in it, or one twice.
  static absl::StatusOr<Routes> Create(const auth::AccessPolicy& policy,
                                       const std::vector<ServiceAddresses>& services);

  // The route of exactly this path, or nullptr.
  const Route* Find(std::string_view path) const;

  const std::vector<std::unique_ptr<Route>>& all() const { return routes_; }

  // Whether the service is one of ours, and the backend behind it.
  const Route* FindService(std::string_view service) const;

  // The full name of Options::services[backend].
  std::string_view ServiceOf(size_t backend) const;

 private:
  std::unordered_map<std::string_view, const Route*> by_path_;
  std::unordered_map<std::string_view, const Route*> by_service_;
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_ROUTES_H_
