#include "common/resource/program/service_main.h"

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "common/auth/token_flags.h"
#include "common/base/read_file.h"
#include "common/base/service_name.h"
#include "common/base/status_macros.h"
#include "common/resource/program/last_backup.h"
#include "common/resource/program/store_log.h"
#include "common/resource/program/store_metrics.h"
#include "common/resource/program/store_probe.h"
#include "common/resource/program/store_service.h"
#include "common/resource/program/store_shipping.h"
#include "common/resource/store/erasure_list.h"
#include "common/resource/store/schema.h"
#include "common/rpc/peers.h"
#include "common/rpc/program.h"
#include "common/storage/observed_database.h"
#include "common/storage/standby.h"
#include "common/telemetry/log.h"

ABSL_FLAG(std::string, store, "",
          "The store: path of a SQLite file, made if need be, or a postgresql:// URL. Required.");
ABSL_FLAG(int32_t, store_connections, 16,
          "The most connections to PostgreSQL, two at least. Reads leave one of them to writes.");
ABSL_FLAG(
    std::string, store_listen, "",
    "Where commits of other processes on a PostgreSQL store are heard of, a postgresql:// URL "
    "of the server itself, when --store names a pooler such as PgBouncer; `none`: nowhere, "
    "they are looked for each second. Default: at --store.");
ABSL_FLAG(std::string, store_password_file, "",
          "A file with the password of the user that --store names, read whenever a connection is "
          "opened: it may change while the service runs. For PostgreSQL.");
ABSL_FLAG(std::string, store_read, "",
          "Where standbys of a PostgreSQL --store are, a postgresql:// URL, which may name several "
          "hosts: calls that only read are answered there when that is recent enough. Default: all "
          "are answered at --store.");
ABSL_FLAG(absl::Duration, store_read_age, absl::Seconds(5),
          "How old an answer of a standby (--store_read) may be; 100ms at least.");
ABSL_FLAG(absl::Duration, change_retention, absl::ZeroDuration(),
          "How long the change log is kept, such as 8760h; 0: for ever.");
ABSL_FLAG(
    absl::Duration, token_key_age, absl::Hours(30 * 24),
    "How old the key of page and resume tokens becomes before there is another. Tokens of the "
    "eleven keys before it stay good. inf: the first key is for good.");
ABSL_FLAG(absl::Duration, slow_statement, absl::Seconds(1),
          "Statements of the store that take this long are logged, at most one a second.");
ABSL_FLAG(
    absl::Duration, longest_backup, absl::Hours(1),
    "How long a copy of a SQLite store for `balictl backup` may take, until it has been sent.");
ABSL_FLAG(std::string, erasure_list, "",
          "A file to which erasures are appended, in a folder that there is: best on another disk "
          "than the store. At the start the service erases again what the file has and the store "
          "hasn't done, as it was set back to a backup. Empty: none.");
ABSL_FLAG(bool, print_schema, false,
          "Print the tables as SQL for the kind of store that --store names, and end.");

namespace baliprocess::resource {
namespace {

// What passes: a store that doesn't answer yet; and others that hold the turn to write for longer
// than a statement may take: a migration of another replica, an operator's session.
bool MayPass(const absl::Status& status) {
  const storage::ErrorClass error = storage::ClassOf(status);
  return error == storage::ErrorClass::kConnectionLost || error == storage::ErrorClass::kTimeout;
}

absl::StatusOr<std::unique_ptr<storage::Database>> OpenStore(
    rpc::Program& program, const std::string& target, const storage::Database::Options& options,
    const StoreShipping* shipping) {
  std::unique_ptr<storage::Database> store;
  const auto attempt = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(store, shipping == nullptr
                                ? storage::Database::Open(target, options)
                                : storage::OpenShippedSqlite(target, options, shipping->options()));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(program.start().Await("the store", attempt, MayPass));
  telemetry::Log(telemetry::Level::kInfo, "storage", "the store is open")
      .Field("engine", store->dialect().engine);
  return store;
}

absl::StatusOr<std::unique_ptr<Engine>> StartEngine(const ServiceDefinition& service,
                                                    rpc::Program& program,
                                                    storage::Database& database,
                                                    const Engine::Options& options) {
  std::unique_ptr<Engine> engine;
  const auto attempt = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(Registry registry, service.resources());
    ASSIGN_OR_RETURN(engine, Engine::Create(std::move(registry), database, options));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(program.start().Await("the tables of the store", attempt, MayPass));
  return engine;
}

// The line break that editors and `echo` leave at the end isn't part of it.
absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  constexpr size_t kMostBytes = 4096;
  absl::StatusOr<std::string> password = ReadFile(path, kMostBytes);
  if (password.ok() && password->ends_with('\n')) password->pop_back();
  if (password.ok() && password->ends_with('\r')) password->pop_back();
  if (password.ok() && !password->empty()) return password;
  return absl::UnavailableError(absl::StrCat(
      "--store_password_file: ",
      password.ok() ? absl::StrCat(path, ": is empty") : std::string(password.status().message())));
}

storage::Database::Options StoreOptions(const rpc::Program& program, StoreLog& log,
                                        std::shared_ptr<storage::StoreNumbers> numbers) {
  storage::Database::Options options;
  options.max_connections = absl::GetFlag(FLAGS_store_connections);
  options.listen_target = absl::GetFlag(FLAGS_store_listen);
  options.give_up = [&program] { return program.GivesUp(); };
  options.dropped = [&log](const absl::Status& why) { log.Dropped(why); };
  options.listened = [&log](const absl::Status& status) { log.Listened(status); };
  if (const std::string file = absl::GetFlag(FLAGS_store_password_file); !file.empty()) {
    options.password = [file] { return ReadPassword(file); };
  }
  options.numbers = std::move(numbers);
  return options;
}

absl::StatusOr<std::unique_ptr<ErasureList>> OpenErasureList() {
  const std::string path = absl::GetFlag(FLAGS_erasure_list);
  if (path.empty()) return nullptr;
  auto list = ErasureList::Open(path);
  if (!list.ok()) {
    return absl::Status(list.status().code(),
                        absl::StrCat("--erasure_list: ", list.status().message()));
  }
  // A disk that is full keeps nobody from reading; erasures are refused until it isn't.
  if (const absl::Status probe = (*list)->Probe(); !probe.ok()) {
    telemetry::Log(telemetry::Level::kError, "erasures", "the list can't be written")
        .Field("error", std::string_view(probe.message().data(), probe.message().size()));
  }
  return list;
}

// Null when --store_read says nothing.
absl::StatusOr<std::unique_ptr<storage::Standby>> OpenStandby(
    const std::string& store, const storage::Database::Options& options) {
  const std::string standbys = absl::GetFlag(FLAGS_store_read);
  if (standbys.empty()) return nullptr;
  if (storage::DialectOf(store).engine != "PostgreSQL") {
    return absl::InvalidArgumentError(
        "--store_read is for a postgresql:// URL, and --store names a file");
  }
  if (absl::GetFlag(FLAGS_store_read_age) < StandbyReads::kShortestAge) {
    return absl::InvalidArgumentError("--store_read_age must be 100ms at least");
  }
  auto standby = storage::Standby::Open(store, standbys, options);
  if (standby.ok()) return standby;
  return absl::InvalidArgumentError(absl::StrCat("--store_read: ", standby.status().message()));
}

// `membership`, as its usage begins.
std::string NameOf(const ServiceDefinition& service) {
  return service.program.usage.substr(0, service.program.usage.find(' '));
}

Engine::Options EngineOptions(const ServiceDefinition& service, rpc::Peers& peers,
                              const ErasureList* erasure_list, storage::Standby* standby) {
  Engine::Options options;
  options.erasure_list = erasure_list;
  options.schema_version = service.schema_version;
  options.change_retention = absl::GetFlag(FLAGS_change_retention);
  options.token_key_age = absl::GetFlag(FLAGS_token_key_age);
  options.standby = standby;
  options.standby_age = absl::GetFlag(FLAGS_store_read_age);
  if (!service.peers.empty()) {
    options.ask_peer = [&peers](const auto& parent, const auto& method, const auto& request,
                                auto& reply) { return peers.Call(parent, method, request, reply); };
  }
  return options;
}

absl::StatusOr<std::unique_ptr<rpc::Peers>> OpenPeers(const ServiceDefinition& service,
                                                      rpc::Program& program) {
  return rpc::Peers::FromFlags(
      service.peers,
      [&program](std::string_view what, bool succeeded) { program.reloads().Add(what, succeeded); },
      [&program] { return program.Drains(); });
}

absl::Status Serve(const ServiceDefinition& service, rpc::Program& program, int& exit_code) {
  const std::string target = absl::GetFlag(FLAGS_store);
  if (target.empty()) {
    return absl::InvalidArgumentError("--store is required: a file or a postgresql:// URL");
  }
  const bool is_file = storage::DialectOf(target).engine == "SQLite";
  if (is_file && !absl::GetFlag(FLAGS_store_password_file).empty()) {
    return absl::InvalidArgumentError(
        "--store_password_file is for a postgresql:// URL, and --store names a file");
  }
  if (absl::GetFlag(FLAGS_print_schema)) {
    ASSIGN_OR_RETURN(const Registry registry, service.resources());
    std::cout << PrintSchema(registry, storage::DialectOf(target));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(program.OpenOperators());
  const auto numbers = std::make_shared<storage::StoreNumbers>();
  StoreLog store_log(absl::GetFlag(FLAGS_slow_statement), numbers);
  // First what can be wrong for good: nothing is waited for with it.
  RETURN_IF_ERROR(auth::CheckTokenFlags());
  ASSIGN_OR_RETURN(const auto peers, OpenPeers(service, program));
  ASSIGN_OR_RETURN(const auto erasure_list, OpenErasureList());
  const storage::Database::Options store_options = StoreOptions(program, store_log, numbers);
  ASSIGN_OR_RETURN(const auto standby, OpenStandby(target, store_options));
  ASSIGN_OR_RETURN(const auto shipping, StoreShipping::FromFlags(target, NameOf(service)));
  ASSIGN_OR_RETURN(const auto store, OpenStore(program, target, store_options, shipping.get()));
  storage::ObservedDatabase observed(*store, store_log);
  StoreProbe database(observed);
  ASSIGN_OR_RETURN(const auto engine,
                   StartEngine(service, program, database,
                               EngineOptions(service, *peers, erasure_list.get(), standby.get())));
  const StoreMetrics store_metrics(target, *store, numbers, store_log.counters());
  LastBackup last_backup(database);
  auto shown = program.operators().ShowAll({&store_metrics, engine.get(), peers.get()});
  if (is_file) {
    RETURN_IF_ERROR(last_backup.Read());
    shown.push_back(program.operators().Show(last_backup));
  }
  if (shipping != nullptr) shown.push_back(program.operators().Show(*shipping));
  std::vector<rpc::MethodTable> tables;
  tables.push_back(service.methods(*engine));
  StoreService store_service(engine->registry(), database,
                             {.service = ShortServiceName(tables[0].service()->full_name()),
                              .schema_version = service.schema_version,
                              .target = target,
                              .erasure_list = erasure_list.get(),
                              .longest_copy = absl::GetFlag(FLAGS_longest_backup),
                              .sent = [&](absl::Time begin) { last_backup.Sent(begin); }});
  tables.push_back(store_service.Methods());
  std::vector<rpc::HealthProbe> probes = peers->Probes();
  probes.push_back({.name = "store", .ask = [&database] { return database.Ping(); }});
  exit_code = program.Run(std::move(tables), std::move(probes), [&] { peers->Reload(); });
  store_log.SayCounts();
  peers->SayCounts();
  return absl::OkStatus();
}

}  // namespace

int ServiceMain(const ServiceDefinition& service, int argc, char** argv) {
  rpc::Program program(service.program, argc, argv);
  int exit_code = 0;
  const absl::Status status = Serve(service, program, exit_code);
  return status.ok() ? exit_code : program.Fail(status);
}

}  // namespace baliprocess::resource
