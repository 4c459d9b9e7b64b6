// The gateway's numbers as Prometheus reads them
// (https://prometheus.io/docs/instrumenting/exposition_formats).
//
// Calls have the names of go-grpc-middleware, with the labels grpc_type (unary, client_stream,
// server_stream, bidi_stream), grpc_service and grpc_method:
//   grpc_server_started_total                 calls that have come
//   grpc_server_handled_total{grpc_code}      and ended: OK, NotFound, ...
//   grpc_server_handling_seconds              how long they took
// All three labels are `unknown` for methods that don't exist. Of each method there is a line from
// the start for what has started and what was handled with OK; other lines come with the first
// call that they count.
//
// Everything else begins with `gateway_`, but for what all processes have (`process_`).

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_METRICS_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_METRICS_H_

#include <prometheus/collectable.h>

#include <string>
#include <vector>

#include "services/gateway/operate/inspection.h"

namespace baliprocess::gateway {

// Loops count without locks (net/counts.h); their numbers are added up when somebody asks.
class Metrics final : public prometheus::Collectable {
 public:
  // `gateway` must outlive this object.
  explicit Metrics(const Inspection& gateway) : gateway_(gateway) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Inspection& gateway_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_METRICS_H_
