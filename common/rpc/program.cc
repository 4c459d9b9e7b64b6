#include "common/rpc/program.h"

#include <google/protobuf/stubs/logging.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/synchronization/mutex.h"

#include "common/auth/token_flags.h"
#include "common/base/status_macros.h"
#include "common/rpc/call_counters.h"
#include "common/rpc/calls_in_flight.h"
#include "common/rpc/peers.h"
#include "common/rpc/server.h"
#include "common/rpc/server_flags.h"
#include "common/rpc/trace_layer.h"
#include "common/telemetry/certificate_expiry.h"
#include "common/telemetry/drain_flags.h"
#include "common/telemetry/log.h"
#include "common/telemetry/span_metrics.h"
#include "common/telemetry/trace_flags.h"

namespace baliprocess::rpc {
namespace {

// Protocol Buffers complains of what callers send: they are told, and the log need not be.
void LogOfProtobuf(google::protobuf::LogLevel level, const char*, int, const std::string& text) {
  const bool fatal = level == google::protobuf::LOGLEVEL_FATAL;
  telemetry::Log(fatal ? telemetry::Level::kError : telemetry::Level::kDebug, "protobuf", text);
}

}  // namespace

Program::Program(const ProgramInfo& info, int argc, char** argv) : process_(info, argc, argv) {
  google::protobuf::SetLogHandler(LogOfProtobuf);
  // Debian builds Abseil without NDEBUG, so every lock in gRPC is entered into one graph of the
  // process, behind one lock of its own. That is for finding deadlocks, not for serving.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

Program::~Program() { google::protobuf::SetLogHandler(nullptr); }

bool Program::GivesUp() const {
  return watchdog_.has_passed() || (!serving_ && telemetry::Process::EndIsAsked());
}

int Program::Run(std::vector<MethodTable> tables, std::vector<HealthProbe> probes,
                 const std::function<void()>& on_hangup) {
  const absl::Status status = Serve(std::move(tables), std::move(probes), on_hangup);
  return status.ok() ? 0 : Fail(status);
}

absl::Status Program::OpenOperators() {
  ASSIGN_OR_RETURN(operators_, telemetry::Operators::FromFlags(process_.settings(), start_));
  return absl::OkStatus();
}

absl::Status Program::Serve(std::vector<MethodTable> tables, std::vector<HealthProbe> probes,
                            const std::function<void()>& on_hangup) {
  ASSIGN_OR_RETURN(auto verifier, auth::VerifierFromFlags(start_, reloads_));
  ASSIGN_OR_RETURN(const std::shared_ptr<telemetry::Tracer> tracer, telemetry::TracerFromFlags());
  auth::TokenVerifier& tokens = *verifier;
  ServerOptions options = ServerOptionsFromFlags();
  options.tracer = tracer;
  options.on_reload = [this](std::string_view what, bool succeeded) {
    reloads_->Add(what, succeeded);
  };
  const auto counters = std::make_shared<CallCounters>(tables);
  const auto in_flight = std::make_shared<CallsInFlight>();
  options.layers.push_back(counters);
  // Nobody else asks for them.
  if (operators_->port() != 0) options.layers.push_back(in_flight);
  const telemetry::SpanMetrics spans(tracer);
  const telemetry::CertificateExpiry certificates(
      {options.tls.certificate, options.tls.ca, PeerAuthorities(),
       telemetry::CollectorAuthorities()},
      telemetry::CertificateExpiry::SoonFromFlags(), Clock::System());
  ASSIGN_OR_RETURN(auto server, Server::Start(options, std::move(tables), std::move(verifier),
                                              std::move(probes)));
  const auto shown = operators_->ShowAll(
      {reloads_.get(), counters.get(), in_flight.get(), &spans, &certificates, server.get()});
  serving_ = true;
  start_.Serving();
  RETURN_IF_ERROR(process_.Serving(options.listen, server->port()));
  process_.WaitForEnd([&] {
    tokens.Reload();
    server->Reload();
    if (on_hangup) on_hangup();
  });
  start_.Ending();
  server->AnnounceDrain();
  process_.Pause(telemetry::DrainDelayFromFlags());
  telemetry::Log(telemetry::Level::kInfo, "main", "draining").Field("calls", counters->in_flight());
  draining_ = true;
  const absl::Duration patience = telemetry::DrainDeadlineFromFlags();
  watchdog_.Arm(patience);
  server->Shutdown(patience);
  counters->SayCounts();
  telemetry::Log(telemetry::Level::kInfo, "main", "drained");
  return absl::OkStatus();
}

}  // namespace baliprocess::rpc
