// The life of a service's process, so that its main() is short:
//
//   int main(int argc, char** argv) {
//     rpc::Program program({.usage = "membership [flags]"}, argc, argv);
//     if (auto status = program.OpenOperators(); !status.ok()) return program.Fail(status);
//     auto service = OpenService(...);
//     if (!service.ok()) return program.Fail(service.status());
//     return program.Run({(*service)->Table()});
//   }

#ifndef BALIPROCESS_COMMON_RPC_PROGRAM_H_
#define BALIPROCESS_COMMON_RPC_PROGRAM_H_

#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "common/base/config.h"
#include "common/rpc/health_monitor.h"
#include "common/rpc/service.h"
#include "common/rpc/watchdog.h"
#include "common/telemetry/grpc_log.h"
#include "common/telemetry/operators.h"
#include "common/telemetry/process.h"
#include "common/telemetry/reloads.h"
#include "common/telemetry/start_state.h"

namespace baliprocess::rpc {

class Program {
 public:
  // As telemetry::Process: comes first in main(), before anything that starts a thread.
  Program(const ProgramInfo& info, int argc, char** argv);

  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Serves operators, from now on. First of all: what comes after it may take long. Errors as
  // telemetry::Operators::FromFlags.
  absl::Status OpenOperators();

  // Whom parts of the program are shown to; after OpenOperators.
  telemetry::Operators& operators() { return *operators_; }

  // What the start waits for is waited for by this.
  telemetry::StartState& start() { return start_; }

  // Counts what is read anew.
  telemetry::Reloads& reloads() { return *reloads_; }

  // Serves until SIGTERM or SIGINT, then drains. The exit code for main(). Health follows `probes`
  // (server.h). `on_hangup`, which may be null, is called at each SIGHUP, when what the program
  // itself follows is read anew.
  int Run(std::vector<MethodTable> tables, std::vector<HealthProbe> probes = {},
          const std::function<void()>& on_hangup = nullptr);

  // Whether waiting for others is in vain: the end was asked for before calls were served, or the
  // drain deadline has passed.
  bool GivesUp() const;

  // Whether calls are taken no longer, and those that there are had better end.
  bool Drains() const { return draining_; }

  // Logs why the program can't go on. The exit code for main().
  int Fail(const absl::Status& status) const { return process_.Fail(status); }

 private:
  absl::Status Serve(std::vector<MethodTable> tables, std::vector<HealthProbe> probes,
                     const std::function<void()>& on_hangup);

  const telemetry::Process process_;
  const telemetry::GrpcLog grpc_log_;
  const std::shared_ptr<telemetry::Reloads> reloads_ = std::make_shared<telemetry::Reloads>(
      std::initializer_list<std::string_view>{"certificate", "jwks", "peer_certificate"});
  telemetry::StartState start_;
  std::unique_ptr<telemetry::Operators> operators_;
  std::atomic<bool> serving_ = false;
  std::atomic<bool> draining_ = false;
  Watchdog watchdog_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_PROGRAM_H_
