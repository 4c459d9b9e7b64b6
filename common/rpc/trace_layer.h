// The span of each call whose trace is recorded.

#ifndef BALIPROCESS_COMMON_RPC_TRACE_LAYER_H_
#define BALIPROCESS_COMMON_RPC_TRACE_LAYER_H_

#include <memory>
#include <utility>

#include "common/rpc/call_layer.h"
#include "common/telemetry/tracer.h"

namespace baliprocess::rpc {

// Calls of housekeeping have none.
class TraceLayer final : public CallLayer {
 public:
  explicit TraceLayer(std::shared_ptr<telemetry::Tracer> tracer) : tracer_(std::move(tracer)) {}

  void OnEnd(const CallView& call, const CallEnd& end) override;

 private:
  const std::shared_ptr<telemetry::Tracer> tracer_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_TRACE_LAYER_H_
