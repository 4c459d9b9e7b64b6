#include "common/resource/engine/store_span.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"

#include "common/telemetry/trace.h"
#include "common/telemetry/tracer.h"

namespace baliprocess::resource {

absl::Status WithSpan(const rpc::Call& call, const storage::Database& database,
                      std::string_view what, const std::function<absl::Status()>& transaction) {
  if (call.tracer == nullptr || !telemetry::IsSampled(call.traceparent)) return transaction();
  telemetry::Span span;
  span.kind = telemetry::Span::Kind::kStore;
  span.trace_id = telemetry::TraceIdOf(call.traceparent);
  span.span_id = telemetry::SpanIdOf(telemetry::NextTraceparent(call.traceparent));
  span.parent_id = telemetry::SpanIdOf(call.traceparent);
  span.method = what;
  span.engine = database.dialect().engine;
  span.begin = absl::Now();
  absl::Status status = transaction();
  span.end = absl::Now();
  // Of what rules refuse the transaction is none the worse.
  span.grpc_status = storage::ClassOf(status) == storage::ErrorClass::kNone
                         ? 0
                         : static_cast<int>(absl::StatusCode::kUnavailable);
  call.tracer->Record(std::move(span));
  return status;
}

}  // namespace baliprocess::resource
