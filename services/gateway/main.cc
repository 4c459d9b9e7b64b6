// The gateway: the one door to the suite's services.

#include <string>
#include <utility>

#include "common/auth/access.h"
#include "common/auth/token_flags.h"
#include "common/base/status_macros.h"
#include "common/telemetry/certificate_expiry.h"
#include "common/telemetry/drain_flags.h"
#include "common/telemetry/grpc_log.h"
#include "common/telemetry/operators.h"
#include "common/telemetry/process.h"
#include "common/telemetry/span_metrics.h"
#include "common/telemetry/start_state.h"
#include "common/telemetry/trace_flags.h"
#include "services/gateway/gateway.h"
#include "services/gateway/settings/flags.h"

namespace baliprocess::gateway {
namespace {

absl::Status Serve(const telemetry::Process& process) {
  const telemetry::GrpcLog grpc_log;
  telemetry::StartState start;
  ASSIGN_OR_RETURN(const auto operators,
                   telemetry::Operators::FromFlags(process.settings(), start));
  ASSIGN_OR_RETURN(Options options, OptionsFromFlags());
  options.operators = operators.get();
  ASSIGN_OR_RETURN(options.tracer, telemetry::TracerFromFlags());
  const telemetry::SpanMetrics spans(options.tracer);
  const telemetry::CertificateExpiry certificates(
      {options.tls.certificate, options.tls.ca, options.upstream_tls.certificate,
       options.upstream_tls.ca, telemetry::CollectorAuthorities()},
      telemetry::CertificateExpiry::SoonFromFlags(), Clock::System());
  const auto reloads = options.reloads;
  const auto shown = operators->ShowAll({reloads.get(), &spans, &certificates});
  const std::string listen = options.listen;
  ASSIGN_OR_RETURN(const auth::AccessPolicy policy,
                   auth::AccessPolicy::ForServices(auth::AccessPolicy::AllServices()));
  ASSIGN_OR_RETURN(const auto verifier, auth::VerifierFromFlags(start, reloads));
  ASSIGN_OR_RETURN(const auto gateway, Gateway::Start(std::move(options), policy, *verifier));
  start.Serving();
  RETURN_IF_ERROR(process.Serving(listen, gateway->port()));
  process.WaitForEnd([&] { gateway->Reload(); });
  start.Ending();
  gateway->AnnounceDrain();
  process.Pause(telemetry::DrainDelayFromFlags());
  gateway->Drain(telemetry::DrainDeadlineFromFlags());
  return absl::OkStatus();
}

}  // namespace
}  // namespace baliprocess::gateway

int main(int argc, char** argv) {
  const baliprocess::telemetry::Process process(
      {.usage = "gateway [flags]\n\n"
                "Authenticates calls, checks that their method is open to the caller's roles, and\n"
                "forwards them to the services.",
       .secret_flags = {},
       .positional_arguments = false},
      argc, argv);
  const absl::Status status = baliprocess::gateway::Serve(process);
  return status.ok() ? 0 : process.Fail(status);
}
