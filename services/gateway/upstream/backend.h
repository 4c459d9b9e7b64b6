// A service as one event loop sees it: connections to its addresses, and calls that wait for one.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_BACKEND_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_BACKEND_H_

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/time/time.h"

#include "services/gateway/calls/call.h"
#include "services/gateway/net/timer.h"
#include "services/gateway/settings/options.h"
#include "services/gateway/upstream/endpoint_stats.h"

namespace baliprocess::gateway {

class Reactor;
class TlsContext;
class Upstream;

class Backend {
 public:
  // `tls` is for connections to the service; null: they are plaintext.
  Backend(Reactor& reactor, const TlsContext* tls, std::string name,
          const ServiceAddresses& service);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  // Connects, and connects again what is lost, with growing delays.
  void Start();
  // Ends all connections and refuses what waits.
  void Stop();

  // Sends the call on, now or as soon as a connection is ready. The call gives up by itself.
  void Submit(Call& call);

  bool ready() const;

  // What is known of each address. From any thread.
  std::vector<EndpointSnapshot> Snapshot() const;

  // What connections report.
  void OnReady(Upstream& connection);
  void OnGoingAway(Upstream& connection);  // takes no new calls; those it has finish
  void OnLost(Upstream& connection);

 private:
  // A place for a connection to one of the addresses.
  struct Slot {
    std::string address;
    std::shared_ptr<Upstream> connection;
    absl::Duration delay;
    std::unique_ptr<FunctionTimer> reconnect;
  };

  void Connect(Slot& slot);
  void ConnectLater(Slot& slot);
  // The state of the address of this slot.
  void Tell(const Slot& slot, EndpointState state);
  Slot* SlotOf(const Upstream& connection);
  Upstream* Pick();

  Reactor& reactor_;
  const TlsContext* const tls_context_;
  const size_t address_count_;
  const std::string name_;
  const std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<EndpointStats>> stats_;  // of each address
  std::vector<Slot> slots_;                            // slot i is of address i modulo their number
  std::unordered_set<std::shared_ptr<Upstream>> leaving_;
  Call::WaitingList waiting_;
  size_t next_address_ = 0;
  bool stopped_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_BACKEND_H_
