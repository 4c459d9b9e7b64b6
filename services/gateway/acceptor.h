// Accepts connections and deals them out to the event loops in turn.

#ifndef BALIPROCESS_SERVICES_GATEWAY_ACCEPTOR_H_
#define BALIPROCESS_SERVICES_GATEWAY_ACCEPTOR_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include <boost/asio/ip/tcp.hpp>

#include "services/gateway/event_loop.h"

namespace baliprocess::gateway {

// Runs on the first loop's thread.
class Acceptor {
 public:
  explicit Acceptor(std::vector<std::unique_ptr<EventLoop>>& loops);

  // An error that names the address when it can't be had.
  absl::Status Listen(const std::string& address);
  int port() const { return port_; }

  // To be called before the loops run.
  void Start() { AcceptNext(); }

  // From any thread. No connection is accepted after it was carried out.
  void Stop();

 private:
  void AcceptNext();
  using Protocol = boost::asio::ip::tcp;

  void OnAccept(boost::asio::basic_stream_socket<Protocol, Executor> socket, EventLoop& loop);

  std::vector<std::unique_ptr<EventLoop>>& loops_;
  boost::asio::basic_socket_acceptor<Protocol, Executor> acceptor_;
  FunctionTimer retry_;
  int port_ = 0;
  size_t next_loop_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_ACCEPTOR_H_
