#include "services/gateway/listen/proxy_gate.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "common/telemetry/log.h"

namespace baliprocess::gateway {

class ProxyGate::Waiting final : public PollHandler, public Timer {
 public:
  Waiting(ProxyGate& gate, UniqueFd socket, const SocketAddress& proxy)
      : gate_(gate), socket_(std::move(socket)), proxy_(proxy) {}
  ~Waiting() override { gate_.reactor_.poller().Forget(*this); }

  // False: the system won't tell when there is something to read.
  bool Start(SteadyTime until) {
    Set(gate_.reactor_.timers(), until);
    return gate_.reactor_.poller().Add(socket_.get(), *this);
  }

 private:
  void OnTimer() override { Refuse("the PROXY header took too long"); }

  // What comes behind the header is left where it is, for whoever takes the connection over.
  void OnReady(uint32_t) override {
    std::array<char, kMaxProxyHeader> buffer;
    const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), MSG_PEEK);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return gate_.Remove(*this);  // it has left: balancers look whether we are here
    const auto header = ReadProxyHeader({buffer.data(), static_cast<size_t>(size)});
    if (!header.ok()) return Refuse(header.status().message());
    if (header->size == 0) return;
    if (recv(socket_.get(), buffer.data(), header->size, 0) != static_cast<ssize_t>(header->size)) {
      return gate_.Remove(*this);
    }
    Pass(header->client.value_or(proxy_));
  }

  void Pass(const SocketAddress& client) {
    gate_.reactor_.poller().Remove(socket_.get(), *this);
    ProxyGate& gate = gate_;
    UniqueFd socket = std::move(socket_);
    gate.Remove(*this);
    gate.pass_(std::move(socket), client);
  }

  void Refuse(absl::string_view why) {
    gate_.Refuse(proxy_, {why.data(), why.size()});
    gate_.Remove(*this);
  }

  ProxyGate& gate_;
  UniqueFd socket_;
  const SocketAddress proxy_;
};

namespace {

constexpr double kLines = 20, kLinesPerSecond = 1;

}  // namespace

ProxyGate::ProxyGate(Reactor& reactor, Peers& peers, Pass pass)
    : reactor_(reactor),
      peers_(peers),
      pass_(std::move(pass)),
      refusals_(kLines, kLinesPerSecond, SteadyNow()) {}

ProxyGate::~ProxyGate() = default;

void ProxyGate::Add(UniqueFd socket, const SocketAddress& proxy) {
  const Limits& limits = reactor_.options().limits;
  if (waiting_.size() >= static_cast<size_t>(limits.max_connections)) {
    return Refuse(proxy, "too many connections without a PROXY header");
  }
  auto waiting = std::make_unique<Waiting>(*this, std::move(socket), proxy);
  if (!waiting->Start(After(SteadyNow(), limits.handshake_timeout))) return;
  waiting_[waiting.get()] = std::move(waiting);
}

void ProxyGate::Clear() { waiting_.clear(); }

void ProxyGate::Refuse(const SocketAddress& proxy, std::string_view why) {
  peers_.CountNameless();
  if (!refusals_.Take(SteadyNow())) return;
  telemetry::Log(telemetry::Level::kWarn, "gateway", "connection refused")
      .Field("peer", ClientOf(proxy))
      .Field("reason", why);
}

void ProxyGate::Remove(Waiting& waiting) { waiting_.erase(&waiting); }

}  // namespace baliprocess::gateway
