#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/base/loopback.h"
#include "common/base/status_macros.h"
#include "common/rpc/access_log.h"
#include "common/rpc/health.h"
#include "common/rpc/open_stream.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/table_service.h"
#include "common/rpc/trace_layer.h"
#include "common/telemetry/trace.h"

namespace baliprocess::rpc {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Connections are checked this often, so that a peer that vanished doesn't hold its streams open.
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
// The gateway admits 16 KiB of header fields and adds few: what passed it must pass here, since
// gRPC ends the whole connection at larger ones.
constexpr int kMaxMetadataBytes = 32 << 10;
// More calls than this wait on the client's side for a place on the connection. The gateway's
// connections carry the calls of many clients.
constexpr int kMaxStreamsPerConnection = 1000;
// What gRPC takes of a stream's messages before the reader's window does: nothing. A write is done
// when its last byte went out; while a part is held, the whole message is, and counts.
constexpr int kWriteBufferBytes = 0;
// What a client stream may send ahead of what is read. gRPC would find out by itself how much the
// connection carries, and let each upload fill the memory with tens of megabytes; clients are near,
// so that this much is on its way in less than a round trip.
constexpr int kReadAheadBytes = 256 << 10;
// Pings that come faster than this are misuse, and end the connection. The gateway sends one a
// second while a call waits and nothing comes.
constexpr int kMinPingIntervalMs = 500;

bool FitsKind(const MethodDescriptor& method, const MethodTable::Entry& entry) {
  if (method.client_streaming()) return !method.server_streaming() && entry.sink != nullptr;
  return method.server_streaming() ? entry.stream != nullptr : entry.unary != nullptr;
}

absl::Status CheckTable(const MethodTable& table) {
  const ServiceDescriptor* service = table.service();
  if (service == nullptr) return absl::InvalidArgumentError("a method table without a service");
  for (const auto& [method, entry] : table.entries()) {
    if (method == nullptr || method->service() != service) {
      return absl::InvalidArgumentError(absl::StrCat(
          service->full_name(), ": a body was given for a method that the service doesn't have"));
    }
  }
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    const auto entry = table.entries().find(method);
    if (entry == table.entries().end()) {
      return absl::InvalidArgumentError(absl::StrCat(method->full_name(), ": has no body"));
    }
    if (!FitsKind(*method, entry->second)) {
      return absl::InvalidArgumentError(
          absl::StrCat(method->full_name(), ": the body doesn't fit the kind of the method"));
    }
  }
  return absl::OkStatus();
}

// The reflection library adds itself to every server of a process that it is linked into; this
// leaves it to the server.
class ReflectionOption final : public grpc::ServerBuilderOption {
 public:
  explicit ReflectionOption(bool wanted) : wanted_(wanted) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) {
      return dynamic_cast<grpc::reflection::ProtoServerReflectionPlugin*>(plugin.get()) != nullptr;
    });
    if (!wanted_) return;
    plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
  }

 private:
  const bool wanted_;
};

absl::Status CheckOptions(const ServerOptions& options) {
  const int64_t counts[] = {options.max_concurrent_calls,
                            options.max_streams,
                            options.max_streams_per_subject,
                            options.max_anonymous_streams,
                            options.worker_threads,
                            options.stream_threads,
                            options.max_message_bytes,
                            options.memory_quota_bytes,
                            options.stream_memory_bytes,
                            options.reply_memory_bytes,
                            options.reader_patience.bytes_per_second};
  const absl::Duration times[] = {options.default_deadline, options.max_deadline,
                                  options.max_anonymous_deadline, options.reader_patience.any,
                                  options.token_recheck};
  if (*std::min_element(std::begin(counts), std::end(counts)) < 1 ||
      *std::min_element(std::begin(times), std::end(times)) <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("limits of a server must be positive");
  }
  if (!options.client_names.empty() && options.tls.ca.empty()) {
    return absl::InvalidArgumentError(
        "names of clients need an authority of their certificates: without one, clients have none");
  }
  if (options.tls.empty() && !options.allow_plaintext && !IsLoopback(options.listen)) {
    return absl::InvalidArgumentError(
        absl::StrCat("won't serve plaintext on ", options.listen,
                     ": give a TLS certificate, or allow plaintext explicitly"));
  }
  return absl::OkStatus();
}

// The access log, the spans of traces, and below them what the options say.
CallLayers LayersOf(const ServerOptions& options) {
  std::vector<std::shared_ptr<CallLayer>> layers = {std::make_shared<AccessLog>()};
  if (options.tracer) layers.push_back(std::make_shared<TraceLayer>(options.tracer));
  layers.insert(layers.end(), options.layers.begin(), options.layers.end());
  return CallLayers(std::move(layers));
}

// The bytes on their way to the readers of one caller are at most this part of all.
constexpr int64_t kStreamShares = 4;

// The start of a server waits so long at most to learn whether what it depends on answers.
constexpr absl::Duration kFirstAnswers = absl::Seconds(1);

class TableServer final : public Server {
 public:
  TableServer(ServerOptions options, std::shared_ptr<auth::TokenVerifier> verifier)
      : pools_(options),
        pipeline_{options,
                  std::move(verifier),
                  LayersOf(options),
                  Slots(options.max_concurrent_calls),
                  Slots(std::max(1, options.max_concurrent_calls / 2)),
                  Slots(options.max_streams),
                  StreamPlaces(options.max_streams_per_subject, options.max_anonymous_streams,
                               options.stream_memory_bytes / kStreamShares),
                  StreamBudget(options.stream_memory_bytes),
                  PoolShares(options.reply_memory_bytes),
                  &streams_,
                  &pools_},
        follower_(pipeline_.options.on_reload, pipeline_.options.follow_files) {}

  ~TableServer() override { Shutdown(absl::ZeroDuration()); }

  // `answering`: as Health takes it.
  absl::Status Listen(std::vector<MethodTable> tables, bool answering) {
    std::vector<std::string> names;
    for (const MethodTable& table : tables) {
      RETURN_IF_ERROR(CheckTable(table));
      names.push_back(table.service()->full_name());
    }
    ASSIGN_OR_RETURN(policy_, auth::AccessPolicy::ForServices(names));
    health_ =
        std::make_unique<Health>(std::set<std::string>(names.begin(), names.end()), answering);
    tables.push_back(health_->Table());
    RETURN_IF_ERROR(CheckTable(tables.back()));
    ASSIGN_OR_RETURN(credentials_, ServerCredentials(pipeline_.options.tls, follower_));
    grpc::ServerBuilder builder;
    Configure(builder);
    builder.AddListeningPort(pipeline_.options.listen, credentials_, &port_);
    for (MethodTable& table : tables) {
      services_.push_back(std::make_unique<TableService>(std::move(table), policy_, pipeline_));
      builder.RegisterService(services_.back().get());
    }
    builder.RegisterCallbackGenericService(&unknown_methods_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return absl::UnavailableError(
          absl::StrCat("can't listen on ", pipeline_.options.listen,
                       ": the address is in use or isn't ours, or the certificate is unusable"));
    }
    warden_ = std::make_unique<StreamWarden>(streams_, pipeline_.options.reader_patience,
                                             pipeline_.options.token_recheck);
    if (absl::StartsWith(pipeline_.options.listen, "unix")) port_ = 0;
    return absl::OkStatus();
  }

  void Monitor(std::vector<HealthProbe> probes) {
    monitor_ = std::make_unique<HealthMonitor>(
        std::move(probes), [this](bool answering) { health_->SetAnswering(answering); },
        HealthMonitor::Options());
    monitor_->WaitForFirstAnswers(kFirstAnswers);
  }

  int port() const override { return port_; }

  void Reload() override { follower_.TakeNow(); }

  void AnnounceDrain() override {
    draining_ = true;
    health_->Stop();
  }

  void AddReadiness(telemetry::Readiness& readiness) const override {
    readiness.draining = readiness.draining || draining_;
    for (auto& [name, need] : monitor_->Needs()) readiness.needs[name] = std::move(need);
  }

  void AddMetrics(telemetry::Families& families) const override {
    AddPools(families);
    families
        .Gauge("bali_stream_held_bytes",
               "Bytes of messages on their way to the readers of streams.")
        .Add({}, static_cast<double>(pipeline_.stream_budget.used()));
  }

  void Shutdown(absl::Duration patience) override {
    if (server_ == nullptr || shut_down_.exchange(true)) return;
    AnnounceDrain();
    streams_.EndAll(Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
                          "the server is shutting down: resume elsewhere"));
    server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
  }

 private:
  void AddPools(telemetry::Families& families) const {
    const std::pair<const char*, WorkerPool*> pools[] = {{"writes", &pools_.writes},
                                                         {"reads", &pools_.reads},
                                                         {"anonymous", &pools_.anonymous},
                                                         {"streams", &pools_.streams}};
    families.Gauge("bali_pool_threads", "Threads for what may wait, by what they do.");
    for (const auto& [name, pool] : pools) {
      families.Add({{"pool", name}}, static_cast<double>(pool->threads()));
    }
    families.Gauge("bali_pool_wait_seconds", "How long work that comes now waits for a thread.");
    for (const auto& [name, pool] : pools) {
      families.Add({{"pool", name}}, absl::ToDoubleSeconds(pool->ExpectedWait()));
    }
  }

  void Configure(grpc::ServerBuilder& builder) {
    const ServerOptions& options = pipeline_.options;
    // The pipeline refuses with a reason what is too large; what is far too large isn't even read.
    builder.SetMaxReceiveMessageSize(
        static_cast<int>(std::min<int64_t>(int64_t{2} * options.max_message_bytes, INT_MAX)));
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               kMinPingIntervalMs);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
    // gRPC would unpack a compressed message before it looks at the size. The pipeline refuses it.
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_WRITE_BUFFER_SIZE, kWriteBufferBytes);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAheadBytes);
    builder.SetResourceQuota(
        grpc::ResourceQuota("server").Resize(static_cast<size_t>(options.memory_quota_bytes)));
    // Nothing here reads channelz or compresses replies; calls needn't pay for them.
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
    builder.SetOption(std::make_unique<ReflectionOption>(options.reflection));
  }

  // Ended in the reverse order: the server, which waits for its calls, before what they use.
  StreamSet streams_;
  mutable Pools pools_;  // looking at them takes a lock
  Pipeline pipeline_;
  auth::AccessPolicy policy_;
  std::unique_ptr<Health> health_;
  std::vector<std::unique_ptr<TableService>> services_;
  UnknownMethods unknown_methods_{pipeline_.layers};
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  telemetry::FileFollower follower_;  // reads for the credentials
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<StreamWarden> warden_;
  std::unique_ptr<HealthMonitor> monitor_;
  int port_ = 0;
  std::atomic<bool> draining_{false};
  std::atomic<bool> shut_down_{false};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options,
                                                      std::vector<MethodTable> tables,
                                                      std::shared_ptr<auth::TokenVerifier> verifier,
                                                      std::vector<HealthProbe> probes) {
  RETURN_IF_ERROR(CheckOptions(options));
  auto server = std::make_unique<TableServer>(std::move(options), std::move(verifier));
  const bool needs_none = std::all_of(probes.begin(), probes.end(),
                                      [](const HealthProbe& probe) { return probe.peer; });
  RETURN_IF_ERROR(server->Listen(std::move(tables), needs_none));
  server->Monitor(std::move(probes));
  return server;
}

}  // namespace baliprocess::rpc
