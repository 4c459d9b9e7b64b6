// Accepts connections, as many as the limits allow, and hands them on.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_ACCEPTOR_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_ACCEPTOR_H_

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/status/status.h"

#include "services/gateway/listen/peers.h"
#include "services/gateway/listen/proxy_gate.h"
#include "services/gateway/net/address.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/net/unique_fd.h"

namespace baliprocess::gateway {

// Runs on the reactor's thread.
class Acceptor final : private PollHandler {
 public:
  // Takes over a connection of a client.
  using Adopt = std::function<void(UniqueFd socket, std::shared_ptr<Peer> peer)>;

  Acceptor(Reactor& reactor, Peers& peers, Adopt adopt);

  // To be called before the reactor runs; `address` is as OpenListener takes it.
  absl::Status Listen(const std::string& address);
  int port() const { return port_; }

  // From any thread. Accepts who has connected already, then nobody; then `done` is called, on the
  // reactor's thread.
  void Stop(std::function<void()> done);

 private:
  void OnReady(uint32_t) override { AcceptAll(); }
  void AcceptAll();
  // A connection has come from there.
  void Receive(UniqueFd socket, const SocketAddress& from);
  // A connection of this client's, passed on by a proxy or not.
  void Admit(UniqueFd socket, const SocketAddress& client, bool is_proxy);
  void AdmitWaiting();

  Reactor& reactor_;
  Peers& peers_;
  const Adopt adopt_;
  UniqueFd socket_;
  ProxyGate gate_;
  FunctionTimer retry_;
  int port_ = 0;

  // Connections of addresses that are suspect: they are admitted at a slow rate.
  struct Waiting {
    UniqueFd socket;
    std::string address;
    bool is_proxy;
  };
  std::list<Waiting> waiting_;
  FunctionTimer admit_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_ACCEPTOR_H_
