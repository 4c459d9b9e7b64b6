// The gateway's numbers: those of calls as telemetry/call_metrics.h has them; everything else
// begins with `gateway_`.

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_METRICS_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_METRICS_H_

#include "common/telemetry/families.h"
#include "services/gateway/operate/inspection.h"

namespace baliprocess::gateway {

// Loops count without locks (common/base/counts.h); their numbers are added up when somebody asks.
void AddGatewayMetrics(const Inspection& gateway, telemetry::Families& families);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_METRICS_H_
