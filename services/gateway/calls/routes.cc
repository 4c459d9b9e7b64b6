#include "services/gateway/calls/routes.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/service_name.h"
#include "common/base/status_macros.h"

namespace baliprocess::gateway {
namespace {

// The index in `services` of what is configured for each service of the policy.
absl::StatusOr<std::unordered_map<std::string, size_t>> Backends(
    const std::vector<const auth::MethodAccess*>& methods,
    const std::vector<ServiceAddresses>& services) {
  std::unordered_map<std::string, size_t> backends;
  for (size_t i = 0; i < services.size(); ++i) {
    bool known = false;
    for (const auth::MethodAccess* access : methods) {
      const std::string& name = access->method->service()->full_name();
      if (name != services[i].service && ShortServiceName(name) != services[i].service) continue;
      known = true;
      if (backends.emplace(name, i).first->second != i) {
        return absl::InvalidArgumentError(absl::StrCat(name, " is given addresses twice"));
      }
    }
    if (!known) {
      return absl::InvalidArgumentError(absl::StrCat("no such service: ", services[i].service));
    }
    if (services[i].addresses.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("no address for ", services[i].service));
    }
  }
  return backends;
}

// The number of a field of the request that makes a call done once however often it is made.
int RequestIdField(const google::protobuf::Descriptor& request) {
  const auto* field = request.FindFieldByName("request_id");
  const bool is_text = field != nullptr && !field->is_repeated() &&
                       field->type() == google::protobuf::FieldDescriptor::TYPE_STRING;
  return is_text ? field->number() : 0;
}

std::unique_ptr<Route> HealthRoute(const std::string& method, Route::Kind kind) {
  auto route = std::make_unique<Route>();
  route->kind = kind;
  route->path = absl::StrCat("/grpc.health.v1.Health/", method);
  route->service = "grpc.health.v1.Health";
  route->unary = kind == Route::Kind::kHealthCheck;
  return route;
}

}  // namespace

absl::StatusOr<Routes> Routes::Create(const auth::AccessPolicy& policy,
                                      const std::vector<ServiceAddresses>& services) {
  const auto methods = policy.All();
  ASSIGN_OR_RETURN(const auto backends, Backends(methods, services));
  Routes routes;
  for (const auth::MethodAccess* access : methods) {
    const auto* method = access->method;
    auto route = std::make_unique<Route>();
    route->service = method->service()->full_name();
    route->path = PathOf(*method);
    route->access = access;
    route->one_request = !method->client_streaming();
    route->unary = route->one_request && !method->server_streaming();
    route->repeatable = method->options().idempotency_level() !=
                        google::protobuf::MethodOptions::IDEMPOTENCY_UNKNOWN;
    route->request_id = RequestIdField(*method->input_type());
    if (auto it = backends.find(route->service); it != backends.end()) route->backend = it->second;
    routes.by_service_[route->service] = route.get();
    routes.routes_.push_back(std::move(route));
  }
  routes.routes_.push_back(HealthRoute("Check", Route::Kind::kHealthCheck));
  routes.routes_.push_back(HealthRoute("Watch", Route::Kind::kHealthWatch));
  for (size_t i = 0; i < routes.routes_.size(); ++i) {
    Route& route = *routes.routes_[i];
    route.index = i;
    routes.by_path_[route.path] = &route;
  }
  return routes;
}

const Route* Routes::Find(std::string_view path) const {
  const auto it = by_path_.find(path);
  return it == by_path_.end() ? nullptr : it->second;
}

std::string_view Routes::ServiceOf(size_t backend) const {
  for (const auto& [service, route] : by_service_) {
    if (route->backend == backend) return service;
  }
  return {};
}

const Route* Routes::FindService(std::string_view service) const {
  const auto it = by_service_.find(service);
  return it == by_service_.end() ? nullptr : it->second;
}

}  // namespace baliprocess::gateway
