// What the main() of every service on the engine does: configuration, store, engine, server.

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_SERVICE_MAIN_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_SERVICE_MAIN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/base/config.h"
#include "common/resource/engine/engine.h"
#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"

namespace baliprocess::resource {

struct ServiceDefinition {
  ProgramInfo program;
  int schema_version = 1;  // see schema.h
  // The services that it asks, such as `membership` (rpc/peers.h).
  std::vector<std::string> peers;
  absl::StatusOr<Registry> (*resources)() = nullptr;
  rpc::MethodTable (*methods)(Engine& engine) = nullptr;
};

// Serves until SIGTERM or SIGINT. The exit code for main(). Flags: --store and its kin, those of
// rpc/server_flags.h and of telemetry.
int ServiceMain(const ServiceDefinition& service, int argc, char** argv);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_SERVICE_MAIN_H_
