// Connections that a balancer passes on, until it has said for whom.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_PROXY_GATE_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_PROXY_GATE_H_

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "services/gateway/listen/peers.h"
#include "services/gateway/listen/proxy_header.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/poller.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/net/timer.h"
#include "services/gateway/net/unique_fd.h"

namespace baliprocess::gateway {

// Runs on the reactor's thread.
class ProxyGate {
 public:
  // Takes over a connection, whose header was read, and who it is of.
  using Pass = std::function<void(UniqueFd socket, const SocketAddress& client)>;

  // Those that are refused are counted by `peers`. The arguments must outlive the gate.
  ProxyGate(Reactor& reactor, Peers& peers, Pass pass);
  ~ProxyGate();

  // Reads the header (proxy_header.h) and nothing behind it. A connection without one, or whose
  // header takes longer than Limits::handshake_timeout, is closed, and the log has a line.
  void Add(UniqueFd socket, const SocketAddress& proxy);

  // Closes what waits.
  void Clear();

 private:
  class Waiting;

  // Logs that; not each, if there are many.
  void Refuse(const SocketAddress& proxy, std::string_view why);
  void Remove(Waiting& waiting);

  Reactor& reactor_;
  Peers& peers_;
  const Pass pass_;
  std::unordered_map<Waiting*, std::unique_ptr<Waiting>> waiting_;
  LogQuota refusals_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_PROXY_GATE_H_
