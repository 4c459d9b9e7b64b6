#include "services/gateway/operate/metrics.h"

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "common/telemetry/call_metrics.h"

namespace baliprocess::gateway {
namespace {

using telemetry::Families;

// The gateway's own methods have no descriptor: health's Watch streams.
bool RepliesMany(const Route& route) {
  return route.access == nullptr ? !route.unary : route.access->method->server_streaming();
}

// Of all methods, and the last of those that don't exist.
void AddCalls(const Inspection& gateway, Families& families) {
  const auto& routes = gateway.routes().all();
  std::vector<telemetry::CallSums> sums(routes.size() + 1);
  for (size_t i = 0; i < sums.size(); ++i) {
    if (i < routes.size()) {
      const Route& route = *routes[i];
      sums[i].type = telemetry::TypeOfCalls(!route.one_request, RepliesMany(route));
      sums[i].service = route.service;
      sums[i].method = route.path.substr(route.path.rfind('/') + 1);
    }
    for (size_t loop = 0; loop < gateway.loops(); ++loop) {
      const CallCounts::Method& counts = gateway.call_counts(loop).methods[i];
      sums[i].started += counts.started.get();
      for (size_t code = 0; code < CallCounts::kCodes; ++code) {
        sums[i].handled[code] += counts.handled[code].get();
      }
      sums[i].took.Add(counts.took);
    }
  }
  telemetry::AddCalls(sums, families);
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

void AddWaiting(const Inspection& gateway, Families& families) {
  const std::vector<std::string> services = gateway.services();
  families.Gauge("gateway_waiting_calls",
                 "Calls that wait for a service since none of its addresses can be connected to.");
  for (size_t i = 0; i < services.size(); ++i) {
    families.Add({{"service", services[i]}}, static_cast<double>(gateway.waiting(i).calls()));
  }
  families.Counter("gateway_waits_total", "Calls that have waited so, or do.");
  for (size_t i = 0; i < services.size(); ++i) {
    families.Add({{"service", services[i]}}, static_cast<double>(gateway.waiting(i).entered()));
  }
}

}  // namespace

void AddGatewayMetrics(const Inspection& gateway, Families& families) {
  AddCalls(gateway, families);
  AddRefusals(gateway, families);
  AddOwnReplies(gateway, families);
  AddConnections(gateway, families);
  AddTraffic(gateway, families);
  AddLoops(gateway, families);
  AddAddresses(gateway, families);
  AddRepeats(gateway, families);
  AddWaiting(gateway, families);
}

}  // namespace baliprocess::gateway
