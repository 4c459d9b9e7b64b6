// A gateway as its operators see it (common/telemetry/operators.h). It is ready when each service
// has an address that all event loops may send calls to, and it isn't draining. Services are
// elsewhere: without one, calls to the others are answered.

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_GATEWAY_VIEW_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_GATEWAY_VIEW_H_

#include "common/telemetry/operators.h"
#include "services/gateway/operate/inspection.h"

namespace baliprocess::gateway {

class GatewayView final : public telemetry::Inspected {
 public:
  // `gateway` must outlive this object.
  explicit GatewayView(Inspection& gateway) : gateway_(gateway) {}

  void AddMetrics(telemetry::Families& families) const override;
  void AddReadiness(telemetry::Readiness& readiness) const override;
  void AddCalls(size_t most, absl::Duration patience,
                telemetry::CallListing& listing) const override;

 private:
  Inspection& gateway_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_GATEWAY_VIEW_H_
