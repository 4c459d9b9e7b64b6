// One address of a service, as one event loop sees it: its connections, how much it has to do, and
// whether it is fit for calls.
//
// An address is usable while one of its connections is ready. It isn't when it can't be connected
// to; that is tried again with growing delays. One that says by grpc.health.v1 that it doesn't
// serve, or that doesn't answer PINGs (it is ejected for a while), gets calls only when there is no
// other: one whose store takes no writes answers reads still. What comes back gets a growing share
// at first.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

#include "common/telemetry/state_log.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/net/timer.h"
#include "services/gateway/upstream/endpoint_load.h"
#include "services/gateway/upstream/endpoint_stats.h"
#include "services/gateway/upstream/target.h"

namespace baliprocess::gateway {

class Endpoint;
class TlsContext;
class Upstream;

// Whose endpoints they are.
class EndpointOwner {
 public:
  // Something has become usable or serving, or no longer is, or won't be soon.
  virtual void OnChange() = 0;
  // An attempt to connect has failed.
  virtual void OnConnectFailure() = 0;
  // Whether one more may be ejected.
  virtual bool MayEject() const = 0;
  // The last connection of one that left is closed; the owner may let go of it.
  virtual void OnLeft(Endpoint& endpoint) = 0;

 protected:
  ~EndpointOwner() = default;
};

class Endpoint : public std::enable_shared_from_this<Endpoint> {
 public:
  // `service` is the name that health is asked for; `tls` may be null: connections are plaintext.
  // `connecting` says in the log whether they can be made.
  Endpoint(Reactor& reactor, EndpointOwner& owner, const TlsContext* tls, EndpointAddress address,
           std::string service, std::shared_ptr<telemetry::StateLog> connecting);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  const EndpointAddress& address() const { return address_; }
  const std::string& service() const { return service_; }
  // Unlike that of any other on this loop, ever; not 0.
  uint64_t id() const { return id_; }
  const std::shared_ptr<EndpointStats>& stats() const { return stats_; }

  // Keeps so many connections from now on.
  void Keep(int connections);
  // A call finds no address that is usable: hopes for the attempt to connect that is under way, or
  // tries this address now, if it waits to be tried again. But not if the last attempt failed
  // slowly: an address that doesn't answer would hold up callers.
  void TryNow();
  // Takes no more calls; connections end when those they have are over.
  void Leave();
  // Ends at once.
  void Close();

  bool usable() const { return usable_; }
  // And it says that it serves, or nothing about it.
  bool serving() const { return serving_; }
  bool ejected() const { return ejection_.is_set(); }
  // Not usable yet, but an attempt to connect is under way and none has failed before it.
  bool hopeful() const;

  // How gladly calls are sent to one that is usable, the best first. kAvoided is the backend's: a
  // call has failed here.
  enum Rank { kFit, kSilent, kEjected, kAvoided, kNotServing };
  Rank rank() const;
  double Cost(EndpointLoad::Kind kind, SteadyTime now) { return load_.Cost(kind, now); }
  // The connection for the next call; null unless usable.
  Upstream* Pick() const;

  // What calls and connections report.
  void OnCallBegun(EndpointLoad::Kind kind, bool repeat);
  void OnCallEnded(EndpointLoad::Kind kind);
  // A call ended with UNAVAILABLE. A caller may have provoked it, so the address isn't ejected.
  void OnUnavailable();
  void OnReadiness(Upstream& connection);  // ready, or no longer
  // Whether a connection that is old may be replaced now.
  bool MayAge() const;
  void OnAged() { Refill(); }
  void OnGoingAway(Upstream& connection, bool by_service);
  void OnSilent();
  // `why`: what ended the attempt to connect, unless it had opened.
  void OnLost(Upstream& connection, bool had_opened, std::string_view why);
  // A connection speaks HTTP/2.
  void OnConnected() { connecting_->Works(); }
  // The service takes PINGs for abuse.
  void StopPings();
  bool pings() const { return pings_ && reactor_.options().upstream.ping; }

 private:
  void Refill();
  void Connect();
  void ConnectLater();
  // Sets usable_ and serving_, and what follows from that.
  void Judge();
  void Eject();
  void OnEjectionOver();
  void TellState();

  Reactor& reactor_;
  EndpointOwner& owner_;
  const TlsContext* const tls_context_;
  const EndpointAddress address_;
  const std::string service_;
  const uint64_t id_;
  const std::shared_ptr<EndpointStats> stats_ = std::make_shared<EndpointStats>();

  std::vector<std::shared_ptr<Upstream>> connections_;
  size_t wanted_ = 0;
  bool left_ = false;
  bool usable_ = false;
  bool serving_ = false;
  bool failed_ = false;  // to become usable, since it last was
  bool pings_ = true;
  SteadyTime tried_;      // when the last attempt to connect began
  bool slow_ = false;     // the last attempt to connect failed, and took its time
  absl::Duration delay_;  // until the next attempt to connect
  FunctionTimer reconnect_;

  const std::shared_ptr<telemetry::StateLog> connecting_;

  EndpointLoad load_;

  FunctionTimer ejection_;
  absl::Duration ejection_time_;  // of the next ejection
  SteadyTime ejection_over_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_ENDPOINT_H_
