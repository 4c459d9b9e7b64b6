#include "common/rpc/program.h"

#include <grpc/support/log.h>
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/rpc/server.h"
#include "common/rpc/server_flags.h"
#include "common/telemetry/log_flags.h"

namespace baliprocess::rpc {
namespace {

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Blocks the signals here and so in all threads that start later: WaitForEnd alone receives them.
telemetry::LogOptions BlockSignals(telemetry::LogOptions options) {
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return options;
}

// What the library has to say is seldom worth more than a warning: mostly it is a peer's fault.
void LogOfGrpc(gpr_log_func_args* line) {
  const auto level =
      line->severity == GPR_LOG_SEVERITY_ERROR ? telemetry::Level::kWarn : telemetry::Level::kDebug;
  telemetry::Log(level, "grpc", line->message);
}

int WaitForEnd() {
  const sigset_t signals = EndingSignals();
  int received = 0;
  sigwait(&signals, &received);
  return received;
}

// Whole or not at all: a reader never sees a part.
absl::Status WritePort(const std::string& path, int port) {
  const std::string temporary = absl::StrCat(path, ".new");
  std::ofstream file(temporary);
  file << port << '\n';
  file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": can't be written"));
  }
  return absl::OkStatus();
}

}  // namespace

Program::Program(const ProgramInfo& info, int argc, char** argv)
    : configuration_(ConfigureOrExit(info, argc, argv)),
      logging_(BlockSignals(telemetry::LogOptionsFromFlags())) {
  gpr_set_log_function(LogOfGrpc);
  telemetry::LogConfiguration(configuration_.settings);
}

Program::~Program() { gpr_set_log_function(nullptr); }

int Program::Run(std::vector<MethodTable> tables) {
  const absl::Status status = Serve(std::move(tables));
  return status.ok() ? 0 : Fail(status);
}

int Program::Fail(const absl::Status& status) {
  telemetry::Log(telemetry::Level::kError, "main", "can't go on")
      .Field("error", std::string_view(status.ToString()));
  return 1;
}

absl::Status Program::Serve(std::vector<MethodTable> tables) {
  ASSIGN_OR_RETURN(auto verifier, VerifierFromFlags());
  const ServerOptions options = ServerOptionsFromFlags();
  ASSIGN_OR_RETURN(auto server, Server::Start(options, std::move(tables), std::move(verifier)));
  if (!PortFileFromFlags().empty()) {
    RETURN_IF_ERROR(WritePort(PortFileFromFlags(), server->port()));
  }
  telemetry::Log(telemetry::Level::kInfo, "main", "serving")
      .Field("listen", std::string_view(options.listen))
      .Field("port", server->port());
  const int received = WaitForEnd();
  telemetry::Log(telemetry::Level::kInfo, "main", "draining").Field("signal", received);
  server->Shutdown(DrainDeadlineFromFlags());
  telemetry::Log(telemetry::Level::kInfo, "main", "drained");
  return absl::OkStatus();
}

}  // namespace baliprocess::rpc
