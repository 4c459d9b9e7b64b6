// One thread of the gateway with all that is its own: connections of clients and to services,
// timers, remembered tokens, buffers. Loops share nothing that changes on a call's way.

#ifndef BALIPROCESS_SERVICES_GATEWAY_EVENT_LOOP_H_
#define BALIPROCESS_SERVICES_GATEWAY_EVENT_LOOP_H_

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/auth/token.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/identities.h"
#include "services/gateway/calls/routes.h"
#include "services/gateway/listen/peers.h"
#include "services/gateway/net/tls.h"
#include "services/gateway/net/unique_fd.h"
#include "services/gateway/settings/options.h"
#include "services/gateway/upstream/endpoint_stats.h"
#include "services/gateway/upstream/shared_service.h"
#include "services/gateway/web/exchanges.h"

namespace baliprocess::gateway {

class Backend;
class Downstream;

// What the loops of a gateway have in common. What changes is safe for many threads.
struct Shared {
  const Options options;
  Routes routes;
  Exchanges exchanges;
  auth::TokenVerifier* verifier = nullptr;
  std::unique_ptr<Identities> identities = nullptr;  // null: no caller is known by a certificate
  TlsContext listener_tls{};                         // none: plaintext
  TlsContext upstream_tls{};                         // none: plaintext
  Peers peers{options.limits};
  Callers callers{};
  std::atomic<Phase> phase = Phase::kServing;
  std::deque<SharedService> services{};  // as Options::services
};

class EventLoop final : public CallHost {
 public:
  explicit EventLoop(Shared& shared);
  ~EventLoop();

  // Runs until Stop, on the calling thread. Connects to the services first.
  void Run();

  // The following four may be called from any thread.

  // Serves a client's connection.
  void Adopt(UniqueFd socket, std::shared_ptr<Peer> peer);
  // Sends GOAWAY to the clients; `done` is called when the last has gone.
  void Drain(std::function<void()> done);
  // Ends everything, and Run.
  void Stop();
  // What the loop knows of the services' addresses.
  std::vector<EndpointSnapshot> Endpoints() const;

  // The oldest calls in flight, at most so many. On the loop's thread.
  std::vector<telemetry::CallDescription> DescribeCalls(size_t most);

  ExchangePtr MakeExchange(RequestHead head, ClientStream& client) override;
  void Forward(size_t backend, Call& call) override;
  bool HasOther(size_t backend, uint64_t address) const override;
  bool IsReady(size_t backend) const override;

 private:
  // Whose request a proxy passes on.
  void Attribute(const RequestHead& head, ClientStream& client);
  // A caller without a token may be known by its certificate.
  void Identify(RequestHead& head, const ClientStream& client);
  void Tick();
  // Has those who have been idle for longest go, as places run short.
  void MakeRoom(SteadyTime now);
  void EndAll();
  void OnClosed(Downstream& client);
  std::vector<std::shared_ptr<Downstream>> Clients() const;

  Shared& shared_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::unordered_map<Downstream*, std::shared_ptr<Downstream>> clients_;
  std::function<void()> drained_;
  bool stopped_ = false;
  FunctionTimer tick_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_EVENT_LOOP_H_
