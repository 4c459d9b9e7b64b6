#include "services/gateway/listen/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/telemetry/log.h"
#include "services/gateway/listen/listener.h"

namespace baliprocess::gateway {
namespace {

// Connections that wait to be admitted, and how often they are looked at.
constexpr size_t kMaxWaiting = 256;
constexpr absl::Duration kAdmitEvery = absl::Milliseconds(100);

// Whether it was the connection's own fault that it couldn't be accepted.
bool ConcernsOne(int error) { return error == ECONNABORTED || error == EPROTO || error == EPERM; }

}  // namespace

Acceptor::Acceptor(Reactor& reactor, Peers& peers, Adopt adopt)
    : reactor_(reactor),
      peers_(peers),
      adopt_(std::move(adopt)),
      gate_(reactor, peers,
            [this](UniqueFd socket, const SocketAddress& client) {
              Admit(std::move(socket), client, false);
            }),
      retry_([this] { AcceptAll(); }),
      admit_([this] { AdmitWaiting(); }) {}

absl::Status Acceptor::Listen(const std::string& address) {
  ASSIGN_OR_RETURN(Listener listener, OpenListener(address));
  socket_ = std::move(listener.socket);
  port_ = PortOf(listener.address);
  if (reactor_.poller().Add(socket_.get(), *this)) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("can't listen at ", address));
}

void Acceptor::AcceptAll() {
  while (true) {
    SocketAddress peer;
    UniqueFd socket(accept4(socket_.get(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      Receive(std::move(socket), peer);
    } else if (errno == EAGAIN) {
      return;
    } else if (!ConcernsOne(errno)) {
      break;
    }
  }
  // Such as out of file descriptors: it would fail again at once.
  telemetry::Log(telemetry::Level::kError, "gateway", "can't accept a connection")
      .Field("error", strerror(errno));
  retry_.Set(reactor_.timers(), After(SteadyNow(), absl::Milliseconds(100)));
}

void Acceptor::Receive(UniqueFd socket, const SocketAddress& from) {
  const Options& options = reactor_.options();
  const bool is_proxy = options.trusted_proxies.Contain(from.storage);
  if (is_proxy && options.client_address == ClientAddress::kProxyProtocol) {
    return gate_.Add(std::move(socket), from);
  }
  Admit(std::move(socket), from, is_proxy);
}

void Acceptor::Admit(UniqueFd socket, const SocketAddress& client, bool is_proxy) {
  const SteadyTime now = SteadyNow();
  // Trust is in one address, and not in its network.
  std::string address = is_proxy ? HostOf(client) : ClientOf(client);
  Peers::Answer answer = peers_.Admit(address, now, is_proxy);
  if (answer.peer) return adopt_(std::move(socket), std::move(answer.peer));
  if (answer.later && waiting_.size() < kMaxWaiting) {
    waiting_.push_back({std::move(socket), std::move(address), is_proxy});
    if (!admit_.is_set()) admit_.Set(reactor_.timers(), After(now, kAdmitEvery));
    return;
  }
  if (answer.later) peers_.RefuseWaiting(address, now, is_proxy);
  // Closed at once, and nothing left behind here of who has closed it.
  const linger none = {1, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

void Acceptor::AdmitWaiting() {
  const SteadyTime now = SteadyNow();
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    Peers::Answer answer = peers_.Admit(it->address, now, it->is_proxy);
    if (answer.peer) adopt_(std::move(it->socket), std::move(answer.peer));
    it = answer.later ? std::next(it) : waiting_.erase(it);
  }
  if (!waiting_.empty()) admit_.Set(reactor_.timers(), After(now, kAdmitEvery));
}

void Acceptor::Stop(std::function<void()> done) {
  reactor_.Post([this, done = std::move(done)] {
    AcceptAll();
    retry_.Cancel();
    admit_.Cancel();
    waiting_.clear();
    gate_.Clear();
    // Others may have the socket, too, and serve on: then its end here isn't its end.
    reactor_.poller().Remove(socket_.get(), *this);
    socket_.Close();
    done();
  });
}

}  // namespace baliprocess::gateway
