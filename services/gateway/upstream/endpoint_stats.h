// What is known of a service's address, for whoever looks from outside: metrics, tests.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_STATS_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_STATS_H_

#include <atomic>
#include <cstdint>
#include <string>

namespace baliprocess::gateway {

enum class EndpointState {
  kConnecting,   // for the first time, or again after it was usable
  kUsable,       // takes calls
  kNotServing,   // connected; its health says that it doesn't serve
  kUnreachable,  // the last attempt to connect has failed
  kEjected,      // gets no calls for a while, since it didn't answer
};

// One address as one event loop knows it, at one moment. Counts are since the address is known.
struct EndpointSnapshot {
  std::string service;  // full name
  std::string address;  // `10.0.0.1:7401`, `[::1]:7401`, `unix:/path`
  EndpointState state = EndpointState::kConnecting;
  int64_t connections = 0;        // that are open, those that take no more calls among them
  int64_t outstanding = 0;        // calls that wait for their reply or its end
  uint64_t attempts = 0;          // calls that were sent there, repeats among them
  uint64_t repeats = 0;           // of these, those that had been tried before
  uint64_t unavailable = 0;       // of these, ended with UNAVAILABLE or REFUSED_STREAM
  uint64_t connect_failures = 0;  // attempts to connect
  uint64_t losses = 0;            // of connections that stood
  uint64_t pings = 0;
  uint64_t ping_timeouts = 0;
  uint64_t ejections = 0;
};

// A number that one thread changes and others may read.
template <typename T>
class Gauge {
 public:
  void Add(T amount) { Set(get() + amount); }
  void Set(T value) { value_.store(value, std::memory_order_relaxed); }
  T get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<T> value_{};
};

struct EndpointStats {
  Gauge<EndpointState> state;
  Gauge<int64_t> connections;
  Gauge<int64_t> outstanding;
  Gauge<uint64_t> attempts;
  Gauge<uint64_t> repeats;
  Gauge<uint64_t> unavailable;
  Gauge<uint64_t> connect_failures;
  Gauge<uint64_t> losses;
  Gauge<uint64_t> pings;
  Gauge<uint64_t> ping_timeouts;
  Gauge<uint64_t> ejections;

  // Without the names.
  EndpointSnapshot Snapshot() const {
    EndpointSnapshot snapshot;
    snapshot.state = state.get();
    snapshot.connections = connections.get();
    snapshot.outstanding = outstanding.get();
    snapshot.attempts = attempts.get();
    snapshot.repeats = repeats.get();
    snapshot.unavailable = unavailable.get();
    snapshot.connect_failures = connect_failures.get();
    snapshot.losses = losses.get();
    snapshot.pings = pings.get();
    snapshot.ping_timeouts = ping_timeouts.get();
    snapshot.ejections = ejections.get();
    return snapshot;
  }
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_STATS_H_
