#include "services/gateway/operate/metrics.h"

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "common/base/config.h"
#include "services/gateway/operate/families.h"

namespace baliprocess::gateway {
namespace {

// As Go's gRPC writes them.
constexpr std::array<const char*, CallCounts::kCodes> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

std::string TypeOf(const Route& route) {
  if (route.unary) return "unary";
  if (route.one_request) return "server_stream";
  return route.access->method->server_streaming() ? "bidi_stream" : "client_stream";
}

// Null: methods that don't exist.
Labels LabelsOf(const Route* route) {
  if (route == nullptr) {
    return {{"grpc_type", "unknown"}, {"grpc_service", "unknown"}, {"grpc_method", "unknown"}};
  }
  return {{"grpc_type", TypeOf(*route)},
          {"grpc_service", route->service},
          {"grpc_method", route->path.substr(route->path.rfind('/') + 1)}};
}

// One method over all loops.
struct MethodSums {
  Labels labels;
  uint64_t started = 0;
  std::array<uint64_t, CallCounts::kCodes> handled = {};
  SummedDurations took;
};

// Of all methods, and the last of those that don't exist.
std::vector<MethodSums> SumUp(const Inspection& gateway) {
  const auto& routes = gateway.routes().all();
  std::vector<MethodSums> sums(routes.size() + 1);
  for (size_t i = 0; i < sums.size(); ++i) {
    sums[i].labels = LabelsOf(i < routes.size() ? routes[i].get() : nullptr);
    for (size_t loop = 0; loop < gateway.loops(); ++loop) {
      const CallCounts::Method& counts = gateway.call_counts(loop).methods[i];
      sums[i].started += counts.started.get();
      for (size_t code = 0; code < CallCounts::kCodes; ++code) {
        sums[i].handled[code] += counts.handled[code].get();
      }
      sums[i].took.Add(counts.took);
    }
  }
  return sums;
}

void AddCalls(const Inspection& gateway, Families& families) {
  const std::vector<MethodSums> all = SumUp(gateway);
  families.Counter("grpc_server_started_total", "Calls that have come.");
  for (const MethodSums& method : all) {
    families.Add(method.labels, static_cast<double>(method.started));
  }
  families.Counter("grpc_server_handled_total", "Calls that have ended, however.");
  for (const MethodSums& method : all) {
    for (size_t code = 0; code < CallCounts::kCodes; ++code) {
      if (code > 0 && method.handled[code] == 0) continue;
      Labels labels = method.labels;
      labels.emplace_back("grpc_code", kCodeNames[code]);
      families.Add(labels, static_cast<double>(method.handled[code]));
    }
  }
  families.Histogram("grpc_server_handling_seconds", "How long calls took that have ended.");
  for (const MethodSums& method : all) {
    if (method.started > 0) families.Add(method.labels, method.took);
  }
}

// The sums of one number over the loops.
template <typename Get>
double Sum(const Inspection& gateway, Get get) {
  uint64_t sum = 0;
  for (size_t loop = 0; loop < gateway.loops(); ++loop) sum += get(gateway.loop_counts(loop)).get();
  return static_cast<double>(sum);
}

template <typename Get>
std::map<std::string, uint64_t> SumWords(const Inspection& gateway, Get get) {
  std::map<std::string, uint64_t> sums;
  for (size_t loop = 0; loop < gateway.loops(); ++loop) get(loop).AddTo(sums);
  return sums;
}

void AddRefusals(const Inspection& gateway, Families& families) {
  families.Counter("gateway_refusals_total",
                   "Calls that the gateway itself refused or broke off, by api.v1.Error.Reason: "
                   "TOKEN_INVALID, OVERLOADED, ...");
  for (int reason = 1; reason < api::v1::Error::Reason_ARRAYSIZE; ++reason) {
    if (!api::v1::Error::Reason_IsValid(reason)) continue;
    uint64_t sum = 0;
    for (size_t loop = 0; loop < gateway.loops(); ++loop) {
      sum += gateway.call_counts(loop).refused[static_cast<size_t>(reason)].get();
    }
    const auto& name = api::v1::Error::Reason_Name(static_cast<ErrorReason>(reason));
    families.Add({{"reason", name}}, static_cast<double>(sum));
  }
  families.Counter("gateway_limited_total", "Of these, the calls that were too much, by limit.");
  families.AddWords("limit", SumWords(gateway, [&](size_t loop) -> const CountsByWord& {
                      return gateway.call_counts(loop).limited;
                    }));
}

void AddOwnReplies(const Inspection& gateway, Families& families) {
  families.Counter("gateway_own_replies_total",
                   "Requests that are no calls and that the gateway answered itself, such as pages "
                   "and paths that don't exist, by kind of HTTP status.");
  families.AddWords("status", SumWords(gateway, [&](size_t loop) -> const CountsByWord& {
                      return gateway.call_counts(loop).own_replies;
                    }));
}

void AddConnections(const Inspection& gateway, Families& families) {
  const double accepted =
      Sum(gateway, [](const LoopCounts& c) -> const Count& { return c.accepted; });
  const double closed = Sum(gateway, [](const LoopCounts& c) -> const Count& { return c.closed; });
  families.Counter("gateway_connections_accepted_total", "Connections of clients that have come.")
      .Add({}, accepted);
  families.Gauge("gateway_connections_open", "Connections of clients.").Add({}, accepted - closed);
  std::map<std::string, uint64_t> refused;
  gateway.refused_connections().AddTo(refused);
  families.Counter("gateway_connections_refused_total",
                   "Connections of clients that had no place, by why.");
  families.AddWords("why", refused);
  families.Counter("gateway_connections_cut_off_total", "Abusers that were cut off, by why.");
  families.AddWords("why", SumWords(gateway, [&](size_t loop) -> const CountsByWord& {
                      return gateway.loop_counts(loop).cut_off;
                    }));
  families.Counter("gateway_http1_requests_refused_total",
                   "Requests that can't be read or served as HTTP/1.1, by why.");
  families.AddWords("why", SumWords(gateway, [&](size_t loop) -> const CountsByWord& {
                      return gateway.loop_counts(loop).http1_refusals;
                    }));
  families.Counter("gateway_tls_handshakes_total", "TLS handshakes with clients, by result.");
  families.Add({{"result", "ok"}},
               Sum(gateway, [](const LoopCounts& c) -> const Count& { return c.handshakes; }));
  families.AddWords("result", SumWords(gateway, [&](size_t loop) -> const CountsByWord& {
                      return gateway.loop_counts(loop).handshake_failures;
                    }));
}

void AddTraffic(const Inspection& gateway, Families& families) {
  using Get = const Count& (*)(const LoopCounts&);
  struct Way {
    const char* side;
    const char* direction;
    Get get;
  };
  static constexpr Way kWays[] = {
      {"client", "received",
       [](const LoopCounts& c) -> const Count& { return c.clients.received; }},
      {"client", "sent", [](const LoopCounts& c) -> const Count& { return c.clients.sent; }},
      {"service", "received",
       [](const LoopCounts& c) -> const Count& { return c.services.received; }},
      {"service", "sent", [](const LoopCounts& c) -> const Count& { return c.services.sent; }},
  };
  families.Counter("gateway_bytes_total", "Bytes through sockets, by whose and which way.");
  for (const Way& way : kWays) {
    families.Add({{"side", way.side}, {"direction", way.direction}}, Sum(gateway, way.get));
  }
}

void AddLoops(const Inspection& gateway, Families& families) {
  families.Histogram("gateway_loop_turn_seconds",
                     "How long an event loop was busy before it waited again; what comes meanwhile "
                     "waits so long.");
  for (size_t loop = 0; loop < gateway.loops(); ++loop) {
    SummedDurations turns;
    turns.Add(gateway.loop_counts(loop).turns);
    families.Add({{"loop", std::to_string(loop)}}, turns);
  }
}

using AddressSums = std::map<std::pair<std::string, std::string>, EndpointSnapshot>;

AddressSums SumAddresses(const Inspection& gateway) {
  AddressSums sums;
  for (size_t loop = 0; loop < gateway.loops(); ++loop) {
    for (const EndpointSnapshot& endpoint : gateway.endpoints(loop)) {
      const auto [it, first] = sums.try_emplace({endpoint.service, endpoint.address}, endpoint);
      if (first) continue;
      EndpointSnapshot& sum = it->second;
      // Usable is what all loops can use.
      if (endpoint.state != EndpointState::kUsable) sum.state = endpoint.state;
      sum.connections += endpoint.connections;
      sum.outstanding += endpoint.outstanding;
      sum.attempts += endpoint.attempts;
      sum.unavailable += endpoint.unavailable;
      sum.connect_failures += endpoint.connect_failures;
      sum.losses += endpoint.losses;
      sum.ping_timeouts += endpoint.ping_timeouts;
      sum.ejections += endpoint.ejections;
    }
  }
  return sums;
}

void AddAddresses(const Inspection& gateway, Families& families) {
  const AddressSums sums = SumAddresses(gateway);
  const auto each = [&](auto get) {
    for (const auto& [key, sum] : sums) {
      families.Add({{"service", key.first}, {"address", key.second}},
                   static_cast<double>(get(sum)));
    }
  };
  using Sum = EndpointSnapshot;
  families.Gauge("gateway_upstream_healthy", "1: all event loops may send calls there.");
  each([](const Sum& s) { return s.state == EndpointState::kUsable; });
  families.Gauge("gateway_upstream_connections", "Connections to the address.");
  each([](const Sum& s) { return s.connections; });
  families.Gauge("gateway_upstream_outstanding", "Calls that wait for the address.");
  each([](const Sum& s) { return s.outstanding; });
  families.Counter("gateway_upstream_attempts_total", "Calls sent there, repeats among them.");
  each([](const Sum& s) { return s.attempts; });
  families.Counter("gateway_upstream_unavailable_total", "Of these, that ended with UNAVAILABLE.");
  each([](const Sum& s) { return s.unavailable; });
  families.Counter("gateway_upstream_connect_failures_total", "Failed attempts to connect.");
  each([](const Sum& s) { return s.connect_failures; });
  families.Counter("gateway_upstream_losses_total", "Connections that were lost.");
  each([](const Sum& s) { return s.losses; });
  families.Counter("gateway_upstream_ping_timeouts_total", "PINGs without an answer.");
  each([](const Sum& s) { return s.ping_timeouts; });
  families.Counter("gateway_upstream_ejections_total", "How often it was left alone for a while.");
  each([](const Sum& s) { return s.ejections; });
}

void AddRepeats(const Inspection& gateway, Families& families) {
  const std::vector<std::string> services = gateway.services();
  const auto each = [&](auto get) {
    for (size_t i = 0; i < services.size(); ++i) {
      uint64_t sum = 0;
      for (size_t loop = 0; loop < gateway.loops(); ++loop) sum += get(gateway.repeats(loop, i));
      families.Add({{"service", services[i]}}, static_cast<double>(sum));
    }
  };
  families.Counter("gateway_repeats_total", "Calls that were tried again, each time.");
  each([](const RepeatBudget& budget) { return budget.repeats(); });
  families.Counter("gateway_repeats_refused_total",
                   "Calls that weren't, since too many calls to the service fail.");
  each([](const RepeatBudget& budget) { return budget.refused(); });
}

void AddItself(const Inspection& gateway, Families& families) {
  const telemetry::Tracer::Counts spans = gateway.spans();
  families.Counter("gateway_spans_total", "Spans of recorded traces, by what became of them.");
  families.Add({{"result", "exported"}}, static_cast<double>(spans.written));
  families.Add({{"result", "dropped"}}, static_cast<double>(spans.dropped));
  families.Counter("gateway_reloads_total", "Files and the like that were read anew, by result.");
  for (const auto& [key, count] : gateway.reloads().get()) {
    families.Add({{"what", key.first}, {"result", key.second ? "ok" : "failed"}},
                 static_cast<double>(count));
  }
  families.Gauge("gateway_draining", "1: no new calls are taken.").Add({}, gateway.draining());
  families.Gauge("gateway_build_info", "1; the version is a label.")
      .Add({{"version", std::string(Version())}}, 1);
}

}  // namespace

std::vector<prometheus::MetricFamily> Metrics::Collect() const {
  Families families;
  AddCalls(gateway_, families);
  AddRefusals(gateway_, families);
  AddOwnReplies(gateway_, families);
  AddConnections(gateway_, families);
  AddTraffic(gateway_, families);
  AddLoops(gateway_, families);
  AddAddresses(gateway_, families);
  AddRepeats(gateway_, families);
  AddItself(gateway_, families);
  AddProcess(families);
  return families.Take();
}

}  // namespace baliprocess::gateway
