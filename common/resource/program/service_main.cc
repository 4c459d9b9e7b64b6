#include "common/resource/program/service_main.h"

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/time/time.h"

#include "common/base/status_macros.h"
#include "common/resource/program/store_log.h"
#include "common/resource/program/store_probe.h"
#include "common/resource/store/schema.h"
#include "common/rpc/peers.h"
#include "common/rpc/program.h"
#include "common/storage/observed_database.h"
#include "common/telemetry/log.h"
#include "common/telemetry/process.h"

ABSL_FLAG(std::string, store, "",
          "The store: path of a SQLite file, made if need be, or a postgresql:// URL. Required.");
ABSL_FLAG(int32_t, store_connections, 16,
          "The most connections to PostgreSQL, two at least. Reads leave one of them to writes.");
ABSL_FLAG(
    std::string, store_listen, "",
    "Where commits of other processes on a PostgreSQL store are heard of, a postgresql:// URL "
    "of the server itself, when --store names a pooler such as PgBouncer; `none`: nowhere, "
    "they are looked for each second. Default: at --store.");
ABSL_FLAG(absl::Duration, change_retention, absl::ZeroDuration(),
          "How long the change log is kept, such as 8760h; 0: for ever.");
ABSL_FLAG(absl::Duration, slow_statement, absl::Seconds(1),
          "Statements of the store that take this long are logged, at most one a second.");
ABSL_FLAG(bool, print_schema, false,
          "Print the tables as SQL for the kind of store that --store names, and end.");

namespace baliprocess::resource {
namespace {

// Others may hold the turn to write for longer than a statement may take: a migration of another
// replica, an operator's session.
absl::StatusOr<std::unique_ptr<Engine>> StartEngine(const ServiceDefinition& service,
                                                    const rpc::Program& program,
                                                    storage::Database& database,
                                                    const Engine::Options& options) {
  while (true) {
    ASSIGN_OR_RETURN(Registry registry, service.resources());
    auto engine = Engine::Create(std::move(registry), database, options);
    if (storage::ClassOf(engine.status()) != storage::ErrorClass::kTimeout || program.GivesUp()) {
      return engine;
    }
    telemetry::Log(telemetry::Level::kWarn, "storage", "the turn to write is waited for")
        .Field("error", engine.status().ToString());
  }
}

absl::Status Serve(const ServiceDefinition& service, rpc::Program& program, int& exit_code) {
  const std::string target = absl::GetFlag(FLAGS_store);
  if (target.empty()) {
    return absl::InvalidArgumentError("--store is required: a file or a postgresql:// URL");
  }
  if (absl::GetFlag(FLAGS_print_schema)) {
    ASSIGN_OR_RETURN(const Registry registry, service.resources());
    std::cout << PrintSchema(registry, storage::DialectOf(target));
    return absl::OkStatus();
  }
  storage::Database::Options store_options;
  store_options.max_connections = absl::GetFlag(FLAGS_store_connections);
  StoreLog store_log(absl::GetFlag(FLAGS_slow_statement));
  store_options.listen_target = absl::GetFlag(FLAGS_store_listen);
  store_options.give_up = [&program] { return program.GivesUp(); };
  store_options.dropped = [&](const absl::Status& why) { store_log.Dropped(why); };
  store_options.listened = [&](const absl::Status& status) { store_log.Listened(status); };
  ASSIGN_OR_RETURN(const auto store, storage::Database::Open(target, store_options));
  telemetry::Log(telemetry::Level::kInfo, "storage", "the store is open")
      .Field("engine", store->dialect().engine);
  storage::ObservedDatabase observed(*store, store_log);
  StoreProbe database(observed);
  ASSIGN_OR_RETURN(const auto peers, rpc::Peers::FromFlags(service.peers));
  Engine::Options options;
  options.schema_version = service.schema_version;
  options.change_retention = absl::GetFlag(FLAGS_change_retention);
  if (!service.peers.empty()) {
    options.ask_peer = [&peers](const auto& parent, const auto& method, const auto& request,
                                auto& reply) {
      return peers->Call(parent, method, request, reply);
    };
  }
  ASSIGN_OR_RETURN(const auto engine, StartEngine(service, program, database, options));
  std::vector<rpc::MethodTable> tables;
  tables.push_back(service.methods(*engine));
  std::vector<rpc::HealthProbe> probes = peers->Probes();
  probes.push_back({"store", [&database] { return database.Ping(); }});
  exit_code = program.Run(std::move(tables), std::move(probes));
  store_log.SayCounts();
  peers->SayCounts();
  return absl::OkStatus();
}

}  // namespace

int ServiceMain(const ServiceDefinition& service, int argc, char** argv) {
  rpc::Program program(service.program, argc, argv);
  int exit_code = 0;
  const absl::Status status = Serve(service, program, exit_code);
  if (status.ok()) return exit_code;
  if (!telemetry::Process::EndIsAsked()) return program.Fail(status);
  telemetry::Log(telemetry::Level::kInfo, "main", "ended while it started");
  return 0;
}

}  // namespace baliprocess::resource
