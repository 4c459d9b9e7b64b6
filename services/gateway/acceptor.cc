#include "services/gateway/acceptor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/post.hpp>

#include "common/base/status_macros.h"
#include "common/telemetry/log.h"
#include "services/gateway/address.h"

namespace baliprocess::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using TcpSocket = asio::basic_stream_socket<tcp, Executor>;
using boost::system::error_code;

}  // namespace

Acceptor::Acceptor(std::vector<std::unique_ptr<EventLoop>>& loops)
    : loops_(loops), acceptor_(loops.front()->io()), retry_([this] { AcceptNext(); }) {}

absl::Status Acceptor::Listen(const std::string& address) {
  ASSIGN_OR_RETURN(const HostPort host_port, SplitHostPort(address));
  error_code error;
  const auto ip =
      asio::ip::make_address(host_port.host == "localhost" ? "127.0.0.1" : host_port.host, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't listen at ", address, ": not a numeric address"));
  }
  const tcp::endpoint endpoint(ip, host_port.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("can't listen at ", address, ": ", error.message()));
  }
  port_ = acceptor_.local_endpoint(error).port();
  return absl::OkStatus();
}

void Acceptor::AcceptNext() {
  EventLoop& loop = *loops_[next_loop_++ % loops_.size()];
  acceptor_.async_accept(loop.io(), [this, &loop](error_code error, TcpSocket socket) {
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!error) {
      OnAccept(std::move(socket), loop);
      return AcceptNext();
    }
    // Such as out of file descriptors: it would fail again at once.
    telemetry::Log(telemetry::Level::kError, "gateway", "can't accept a connection")
        .Field("error", error.message());
    retry_.Set(loops_.front()->timers(), After(SteadyNow(), absl::Milliseconds(100)));
  });
}

void Acceptor::OnAccept(TcpSocket socket, EventLoop& loop) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return;  // it has gone already
  std::string peer = endpoint.address().to_string();
  const Limits& limits = loop.options().limits;
  if (!loop.shared().connection_limits.Take(peer, limits.max_connections,
                                            limits.max_connections_per_address)) {
    return;  // closes it
  }
  loop.Adopt(std::move(socket), std::move(peer));
}

void Acceptor::Stop() {
  asio::post(acceptor_.get_executor(), [this] {
    error_code error;
    retry_.Cancel();
    acceptor_.close(error);
  });
}

}  // namespace baliprocess::gateway
