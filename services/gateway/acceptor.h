// Accepts connections and deals them out to the event loops in turn.

#ifndef BALIPROCESS_SERVICES_GATEWAY_ACCEPTOR_H_
#define BALIPROCESS_SERVICES_GATEWAY_ACCEPTOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "services/gateway/address.h"
#include "services/gateway/event_loop.h"

namespace baliprocess::gateway {

// Runs on the first loop's thread.
class Acceptor final : private PollHandler {
 public:
  explicit Acceptor(std::vector<std::unique_ptr<EventLoop>>& loops);

  // To be called before the loops run. An error that names the address when it can't be had.
  absl::Status Listen(const std::string& address);
  int port() const { return port_; }

  // From any thread. No connection is accepted after it was carried out.
  void Stop();

 private:
  void OnReady(uint32_t) override { AcceptAll(); }
  void AcceptAll();
  void Admit(UniqueFd socket, const SocketAddress& peer);

  std::vector<std::unique_ptr<EventLoop>>& loops_;
  UniqueFd socket_;
  FunctionTimer retry_;
  int port_ = 0;
  size_t next_loop_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_ACCEPTOR_H_
