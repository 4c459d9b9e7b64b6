// The gateway: the one door to the suite's services.

#include <utility>

#include "common/auth/access.h"
#include "common/auth/token_flags.h"
#include "common/base/status_macros.h"
#include "common/telemetry/grpc_log.h"
#include "common/telemetry/process.h"
#include "common/telemetry/trace_flags.h"
#include "services/gateway/gateway.h"
#include "services/gateway/settings/flags.h"

namespace baliprocess::gateway {
namespace {

absl::Status Serve(const telemetry::Process& process) {
  const telemetry::GrpcLog grpc_log;
  ASSIGN_OR_RETURN(Options options, OptionsFromFlags());
  options.settings = process.settings();
  ASSIGN_OR_RETURN(options.tracer, telemetry::TracerFromFlags());
  const std::string listen = options.listen;
  ASSIGN_OR_RETURN(const auth::AccessPolicy policy,
                   auth::AccessPolicy::ForServices(auth::AccessPolicy::AllServices()));
  ASSIGN_OR_RETURN(const auto verifier,
                   auth::VerifierFromFlags([reloads = options.reloads](auto what, bool succeeded) {
                     reloads->Add(what, succeeded);
                   }));
  ASSIGN_OR_RETURN(const auto gateway, Gateway::Start(std::move(options), policy, *verifier));
  RETURN_IF_ERROR(process.Serving(listen, gateway->port()));
  process.WaitForEnd([&] { gateway->Reload(); });
  gateway->AnnounceDrain();
  process.Pause(DrainDelayFromFlags());
  gateway->Drain(DrainDeadlineFromFlags());
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
