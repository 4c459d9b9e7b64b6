#include "services/gateway/operate/admin_pages.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace baliprocess::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostCalls = 1000;
// How long loops may take to tell what they do.
constexpr absl::Duration kPatience = absl::Seconds(1);

AdminPage JsonPage(const Json& json, int status = 200) {
  // Bytes that aren't UTF-8 become U+FFFD.
  return {.status = status,
          .body = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

bool IsUsable(const std::vector<EndpointSnapshot>& endpoints, const std::string& service) {
  return std::any_of(endpoints.begin(), endpoints.end(), [&](const EndpointSnapshot& endpoint) {
    return endpoint.service == service && endpoint.state == EndpointState::kUsable;
  });
}

}  // namespace

AdminPages::AdminPages(Inspection& gateway, std::vector<Setting> settings)
    : gateway_(gateway), settings_(std::move(settings)), metrics_(gateway) {}

AdminPage AdminPages::Answer(const std::string& path) {
  if (path == "/metrics") return MetricsPage();
  if (path == "/healthz") return {.content_type = "text/plain", .body = "ok\n"};
  if (path == "/readyz") return Ready();
  if (path == "/config") return Config();
  if (path == "/calls") return Calls();
  return {.status = 404,
          .content_type = "text/plain",
          .body = "there are /metrics, /healthz, /readyz, /config and /calls\n"};
}

AdminPage AdminPages::MetricsPage() const {
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(metrics_.Collect())};
}

AdminPage AdminPages::Ready() const {
  const bool draining = gateway_.draining();
  bool ready = !draining;
  Json services = Json::object();
  for (const std::string& service : gateway_.services()) {
    bool usable = true;
    for (size_t loop = 0; loop < gateway_.loops(); ++loop) {
      usable = usable && IsUsable(gateway_.endpoints(loop), service);
    }
    services[service] = usable ? "ready" : "no healthy address";
    ready = ready && usable;
  }
  const Json json = {{"ready", ready}, {"draining", draining}, {"services", services}};
  return JsonPage(json, ready ? 200 : 503);
}

AdminPage AdminPages::Config() const {
  Json json = Json::object();
  for (const Setting& setting : settings_) {
    json[setting.name] = {{"value", setting.value}, {"source", setting.source}};
  }
  return JsonPage(json);
}

AdminPage AdminPages::Calls() {
  const CallListing listing = gateway_.calls(kMostCalls, kPatience);
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

}  // namespace baliprocess::gateway
