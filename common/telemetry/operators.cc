#include "common/telemetry/operators.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/flags/flag.h"
#include <nlohmann/json.hpp>

#include "common/base/status_macros.h"
#include "common/telemetry/log.h"

ABSL_FLAG(
    std::string, admin_listen, "",
    "Where to serve operators over plain HTTP/1.1, apart from clients: host:port of loopback. "
    "/metrics for Prometheus, /livez, /readyz, /readyz/own for balancers, /config, and /calls that "
    "are in flight. Empty: nowhere.");
ABSL_FLAG(
    bool, admin_allow_remote, false,
    "Let --admin_listen be elsewhere than on loopback: there is neither TLS nor a password, so "
    "the network must keep others away.");

namespace baliprocess::telemetry {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostCalls = 1000;
// How long parts may take to tell what they do.
constexpr absl::Duration kPatience = absl::Seconds(1);

AdminPage JsonPage(const Json& json, int status = 200) {
  // Bytes that aren't UTF-8 become U+FFFD.
  return {.status = status,
          .body = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

std::string ProgramName() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).filename().string();
}

}  // namespace

bool Readiness::ready() const {
  return !draining && std::all_of(needs.begin(), needs.end(),
                                  [](const auto& need) { return need.second.trouble.empty(); });
}

Readiness Readiness::own() const {
  Readiness own = *this;
  std::erase_if(own.needs, [](const auto& need) { return need.second.elsewhere; });
  return own;
}

Operators::Shown::Shown(Shown&& other) noexcept
    : operators_(std::exchange(other.operators_, nullptr)), part_(other.part_) {}

Operators::Shown& Operators::Shown::operator=(Shown&& other) noexcept {
  std::swap(operators_, other.operators_);
  std::swap(part_, other.part_);
  return *this;
}

Operators::Shown::~Shown() {
  if (operators_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(operators_->mutex_);
  operators_->parts_.remove(part_);
}

absl::StatusOr<std::unique_ptr<Operators>> Operators::FromFlags(std::vector<Setting> settings,
                                                                const Inspected& first) {
  AdminOptions options;
  options.listen = absl::GetFlag(FLAGS_admin_listen);
  options.allow_remote = absl::GetFlag(FLAGS_admin_allow_remote);
  return Start(std::move(options), std::move(settings), first);
}

absl::StatusOr<std::unique_ptr<Operators>> Operators::Start(AdminOptions options,
                                                            std::vector<Setting> settings,
                                                            const Inspected& first) {
  std::unique_ptr<Operators> operators(new Operators(std::move(settings), first));
  if (options.listen.empty()) return operators;
  const std::string listen = options.listen;
  ASSIGN_OR_RETURN(
      operators->server_,
      AdminServer::Start(std::move(options), [raw = operators.get()](const std::string& path) {
        return raw->Answer(path);
      }));
  Log(Level::kInfo, "operate", "serving operators")
      .Field("listen", std::string_view(listen))
      .Field("port", operators->port());
  return operators;
}

Operators::Shown Operators::Show(const Inspected& part) {
  const std::lock_guard<std::mutex> lock(mutex_);
  parts_.push_back(&part);
  return Shown(*this, part);
}

std::vector<Operators::Shown> Operators::ShowAll(const std::vector<const Inspected*>& parts) {
  std::vector<Shown> shown;
  for (const Inspected* part : parts) shown.push_back(Show(*part));
  return shown;
}

AdminPage Operators::Answer(const std::string& path) const {
  if (path == "/livez") return {.content_type = "text/plain", .body = "ok\n"};
  if (path == "/config") return Config();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (path == "/metrics") return Metrics();
  if (path == "/readyz") return Ready(ReadinessOfParts());
  if (path == "/readyz/own") return Ready(ReadinessOfParts().own());
  if (path == "/calls") return Calls();
  return {.status = 404,
          .content_type = "text/plain",
          .body = "there are /livez, /readyz, /readyz/own, /metrics, /config and /calls\n"};
}

AdminPage Operators::Metrics() const {
  Families families;
  const Readiness readiness = ReadinessOfParts();
  families.Gauge("bali_ready", "1: the process serves, and all that it needs is there.")
      .Add({}, readiness.ready());
  families.Gauge("bali_draining", "1: calls had better go elsewhere; the process is to end.")
      .Add({}, readiness.draining);
  families.Gauge("bali_need_met", "1: what the process needs is there.");
  for (const auto& [name, need] : readiness.needs) {
    families.Add({{"need", name}}, need.trouble.empty());
  }
  for (const Inspected* part : parts_) part->AddMetrics(families);
  AddProcess(families);
  families.Gauge("bali_build_info", "1; the program, its version and its commit are labels.")
      .Add({{"program", ProgramName()},
            {"version", std::string(Version())},
            {"commit", std::string(Commit())}},
           1);
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(families.Take())};
}

Readiness Operators::ReadinessOfParts() const {
  Readiness readiness;
  for (const Inspected* part : parts_) part->AddReadiness(readiness);
  return readiness;
}

AdminPage Operators::Ready(const Readiness& readiness) {
  Json needs = Json::object();
  for (const auto& [name, need] : readiness.needs) {
    needs[name] = need.trouble.empty() ? "ready" : need.trouble;
  }
  const Json json = {
      {"ready", readiness.ready()}, {"draining", readiness.draining}, {"needs", needs}};
  return JsonPage(json, readiness.ready() ? 200 : 503);
}

AdminPage Operators::Config() const {
  Json json = Json::object();
  for (const Setting& setting : settings_) {
    json[setting.name] = {{"value", setting.value}, {"source", setting.source}};
  }
  return JsonPage(json);
}

AdminPage Operators::Calls() const {
  CallListing listing;
  for (const Inspected* part : parts_) part->AddCalls(kMostCalls, kPatience, listing);
  Json calls = Json::array();
  for (const CallDescription& call : listing.calls) {
    calls.push_back({{"method", call.method},
                     {"subject", call.subject},
                     {"peer", call.peer},
                     {"upstream", call.upstream},
                     {"trace_id", call.trace_id},
                     {"age_seconds", absl::ToDoubleSeconds(call.age)}});
  }
  return JsonPage({{"in_flight", listing.in_flight},
                   {"silent_loops", listing.silent_loops},
                   {"calls", std::move(calls)}});
}

}  // namespace baliprocess::telemetry
