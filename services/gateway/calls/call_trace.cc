#include "services/gateway/calls/call_trace.h"

#include <utility>

#include "absl/time/clock.h"

#include "common/telemetry/trace.h"

namespace baliprocess::gateway {

CallTrace::CallTrace(telemetry::Tracer& tracer, std::string_view received, SteadyTime start)
    : tracer_(tracer), traceparent_(telemetry::DecidedTraceparent(received, true)) {
  call_.kind = telemetry::Span::Kind::kServer;
  call_.trace_id = telemetry::TraceIdOf(traceparent_);
  call_.span_id = telemetry::SpanIdOf(traceparent_);
  call_.parent_id = telemetry::SpanIdOf(received);
  call_.begin = absl::Now() - Since(start);
}

std::string_view CallTrace::BeginAttempt(std::string_view method) {
  traceparent_ = telemetry::NextTraceparent(traceparent_);
  attempt_.kind = telemetry::Span::Kind::kClient;
  attempt_.trace_id = call_.trace_id;
  attempt_.span_id = telemetry::SpanIdOf(traceparent_);
  attempt_.parent_id = call_.span_id;
  attempt_.method = method;
  attempt_.begin = absl::Now();
  ++attempt_.attempt;
  attempting_ = true;
  return traceparent_;
}

void CallTrace::EndAttempt(int grpc_status) {
  if (!std::exchange(attempting_, false)) return;
  attempt_.end = absl::Now();
  attempt_.grpc_status = grpc_status;
  tracer_.Record(attempt_);
}

void CallTrace::End(std::string_view method, int grpc_status, std::string_view reason) {
  EndAttempt(grpc_status);
  call_.end = absl::Now();
  call_.method = method;
  call_.grpc_status = grpc_status;
  call_.reason = reason;
  tracer_.Record(std::move(call_));
}

}  // namespace baliprocess::gateway
