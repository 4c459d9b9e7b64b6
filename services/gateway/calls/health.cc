#include "services/gateway/calls/health.h"

#include <algorithm>

#include "common/base/errors.h"
#include "services/gateway/calls/call_host.h"

namespace baliprocess::gateway {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

void Health::Answer(Call& call) {
  constexpr size_t kPrefix = 5;  // not compressed, length
  const std::string_view bytes = call.local_request();
  HealthCheckRequest request;
  if (bytes.size() < kPrefix || bytes[0] != 0 ||
      !request.ParseFromArray(bytes.data() + kPrefix, static_cast<int>(bytes.size() - kPrefix))) {
    return call.Refuse(Error(api::v1::Error::MALFORMED_REQUEST, "not a HealthCheckRequest"));
  }
  const Status status = StatusOf(request.service());
  if (call.route()->kind == Route::Kind::kHealthCheck) {
    if (status != HealthCheckResponse::SERVICE_UNKNOWN) return Tell(call, status, true);
    return call.Refuse(Error(api::v1::Error::RESOURCE_NOT_FOUND, "there is no such service",
                             {{"resource", request.service()}}));
  }
  const bool draining = host_.draining();
  Tell(call, status, draining);
  if (!draining) watchers_.push_back({&call, request.service(), status});
}

void Health::Refresh() {
  const bool draining = host_.draining();
  for (Watcher& watcher : watchers_) {
    const Status status = StatusOf(watcher.service);
    if (status != watcher.told || draining) Tell(*watcher.call, status, draining);
    watcher.told = status;
  }
  std::erase_if(watchers_,
                [&](const Watcher& watcher) { return draining || watcher.call->over(); });
}

Health::Status Health::StatusOf(const std::string& service) {
  const Route* route = nullptr;
  if (!service.empty()) {
    route = host_.routes().FindService(service);
    if (route == nullptr) return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  if (host_.leaving()) return HealthCheckResponse::NOT_SERVING;
  if (route == nullptr) return HealthCheckResponse::SERVING;
  const bool ready = route->backend && host_.IsReady(*route->backend);
  return ready ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void Health::Tell(Call& call, Status status, bool last) {
  HealthCheckResponse response;
  response.set_status(status);
  call.ReplyLocally(response.SerializeAsString(), last);
}

}  // namespace baliprocess::gateway
