#include "common/rpc/trace_layer.h"

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/telemetry/trace.h"

namespace baliprocess::rpc {
namespace {

// The span that the caller says it is; empty when it says none.
std::string ParentOf(const grpc::ServerContextBase& context) {
  const auto found = context.client_metadata().find("traceparent");
  if (found == context.client_metadata().end()) return {};
  const auto parent = telemetry::ParseTraceparent({found->second.data(), found->second.size()});
  return parent ? parent->span_id : std::string();
}

}  // namespace

void TraceLayer::OnEnd(const CallView& call, const CallEnd& end) {
  const std::string_view traceparent = call.call.traceparent;
  if (call.housekeeping || !telemetry::IsSampled(traceparent)) return;
  telemetry::Span span;
  span.kind = telemetry::Span::Kind::kServer;
  span.trace_id = telemetry::TraceIdOf(traceparent);
  span.span_id = telemetry::SpanIdOf(traceparent);
  span.parent_id = ParentOf(call.context);
  if (call.call.method != nullptr) span.method = call.method;
  span.end = absl::Now();
  span.begin = span.end - end.took;
  span.grpc_status = static_cast<int>(end.status.code());
  const ErrorReason reason = ReasonOf(end.status);
  if (reason != api::v1::Error::REASON_UNSPECIFIED) {
    span.reason = api::v1::Error::Reason_Name(reason);
  }
  tracer_->Record(std::move(span));
}

}  // namespace baliprocess::rpc
