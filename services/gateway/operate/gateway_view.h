// A gateway as its operators see it (common/telemetry/operators.h). It is ready when each service
// has an address that all event loops may send calls to, and it isn't draining.
//
// Services are elsewhere: without one, calls to the others are answered, and another gateway would
// miss it, too. That can't be said of a gateway that has just started, or of one that never reached
// any: its certificate or its addresses may be wrong, and others do better. So balancers are told
// that it isn't ready until it has reached every service, or has waited for one as long as calls
// do, and has reached another.

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_GATEWAY_VIEW_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_GATEWAY_VIEW_H_

#include <cstddef>

#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/telemetry/operators.h"
#include "services/gateway/operate/inspection.h"

namespace baliprocess::gateway {

class GatewayView final : public telemetry::Inspected {
 public:
  // `gateway` must outlive this object. `patience`: how long after the start a service is waited
  // for that was never reached.
  GatewayView(Inspection& gateway, absl::Duration patience)
      : gateway_(gateway), patience_(patience) {}

  void AddMetrics(telemetry::Families& families) const override;
  void AddReadiness(telemetry::Readiness& readiness) const override;
  void AddCalls(size_t most, absl::Duration patience,
                telemetry::CallListing& listing) const override;

 private:
  // Whether the gateway does no worse without a service than another one would.
  bool IsElsewhere(size_t service) const;

  Inspection& gateway_;
  const absl::Duration patience_;
  const SteadyTime start_ = SteadyNow();
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_GATEWAY_VIEW_H_
