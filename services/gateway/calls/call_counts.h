// What an event loop counts of calls (net/counts.h). What calls need is there before the first one
// comes: a call finds its method's numbers by an index.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_COUNTS_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_COUNTS_H_

#include <array>
#include <cstddef>
#include <vector>

#include "common/base/errors.h"
#include "common/telemetry/call_metrics.h"
#include "services/gateway/calls/routes.h"
#include "services/gateway/net/counts.h"

namespace baliprocess::gateway {

struct CallCounts {
  static constexpr size_t kCodes = telemetry::kGrpcCodes;

  // Of one method. What has started and wasn't handled is in flight.
  struct Method {
    Count started;
    std::array<Count, kCodes> handled;  // by code; what isn't one of gRPC's is UNKNOWN
    Durations took;
  };

  explicit CallCounts(const Routes& routes) : methods(routes.all().size() + 1) {}

  // Null: a method that doesn't exist.
  Method& Of(const Route* route) {
    return route != nullptr ? methods[route->index] : methods.back();
  }

  std::vector<Method> methods;  // by Route::index, and one for those that don't exist

  // Calls that the gateway itself refused or broke off, by the reason that it told.
  std::array<Count, api::v1::Error::Reason_ARRAYSIZE> refused;
  CountsByWord limited;  // of those that were too much, by which limit

  // Requests that are no calls and that the gateway answers itself, by kind of status: 2xx, 4xx.
  CountsByWord own_replies;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_COUNTS_H_
