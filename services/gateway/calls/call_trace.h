// The spans of a call whose trace is recorded: one of the call, and one below it of each attempt to
// have a service answer it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_TRACE_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_TRACE_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/telemetry/tracer.h"

namespace baliprocess::gateway {

class CallTrace {
 public:
  // `received` is the traceparent that the client sent, valid, or empty. The call began at `start`.
  CallTrace(telemetry::Tracer& tracer, std::string_view received, SteadyTime start);

  std::string_view trace_id() const { return call_.trace_id; }

  // Another attempt to have the method answered. The traceparent to tell the service, until the
  // next attempt.
  std::string_view BeginAttempt(std::string_view method);
  // It goes to this address.
  void SetAddress(std::string_view address) { attempt_.peer = address; }
  // The attempt has ended with this status of gRPC's, unless it has already.
  void EndAttempt(int grpc_status);

  // The call has ended; `reason` is a literal, or empty. Nothing follows.
  void End(std::string_view method, int grpc_status, std::string_view reason);

 private:
  telemetry::Tracer& tracer_;
  telemetry::Span call_;
  telemetry::Span attempt_;
  bool attempting_ = false;
  std::string traceparent_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_TRACE_H_
