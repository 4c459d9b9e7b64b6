// grpc.health.v1.Health, answered by the gateway: of itself, and of services by their connections.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_HEALTH_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_HEALTH_H_

#include <string>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "services/gateway/calls/call.h"

namespace baliprocess::gateway {

class CallHost;

// Of one event loop.
class Health {
 public:
  explicit Health(CallHost& host) : host_(host) {}

  // Answers Check, or starts a Watch; the call's request is complete.
  void Answer(Call& call);

  // Tells watchers what has changed. Once the gateway is draining, the last thing they hear is
  // NOT_SERVING.
  void Refresh();

 private:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;
  struct Watcher {
    boost::intrusive_ptr<Call> call;
    std::string service;
    Status told;
  };

  Status StatusOf(const std::string& service);
  void Tell(Call& call, Status status, bool last);

  CallHost& host_;
  std::vector<Watcher> watchers_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_HEALTH_H_
