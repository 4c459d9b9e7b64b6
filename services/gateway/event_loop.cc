#include "services/gateway/event_loop.h"

#include <algorithm>
#include <utility>

#include "common/telemetry/log.h"
#include "services/gateway/calls/forwarded.h"
#include "services/gateway/listen/downstream.h"
#include "services/gateway/upstream/backend.h"

namespace baliprocess::gateway {

EventLoop::EventLoop(Shared& shared)
    : CallHost(shared.options, shared.routes, *shared.verifier, shared.callers, shared.phase),
      shared_(shared),
      tick_([this] { Tick(); }) {
  const TlsContext* const upstream_tls = shared.upstream_tls.get() ? &shared.upstream_tls : nullptr;
  const auto& services = shared.options.services;
  for (size_t i = 0; i < services.size(); ++i) {
    backends_.push_back(
        std::make_unique<Backend>(*this, upstream_tls, shared.services[i], services[i]));
  }
}

EventLoop::~EventLoop() = default;

void EventLoop::Run() {
  for (auto& backend : backends_) backend->Start();
  Tick();
  while (!stopped_) Turn();
  EndAll();
}

void EventLoop::Adopt(UniqueFd socket, std::shared_ptr<Peer> peer) {
  auto moved = std::make_shared<UniqueFd>(std::move(socket));
  Post([this, moved, peer = std::move(peer)]() mutable {
    auto client = std::make_shared<Downstream>(*this, std::move(peer),
                                               [this](Downstream& closed) { OnClosed(closed); });
    clients_[client.get()] = client;
    client->Serve(std::move(*moved), shared_.listener_tls.get().get());
    if (draining()) client->Drain();
  });
}

void EventLoop::Drain(std::function<void()> done) {
  Post([this, done = std::move(done)]() mutable {
    drained_ = std::move(done);
    health().Refresh();
    for (const auto& client : Clients()) client->Drain();
    if (clients_.empty() && drained_) std::exchange(drained_, nullptr)();
  });
}

void EventLoop::Stop() {
  Post([this] { stopped_ = true; });
}

// Clients first: their calls then leave the services' connections. What was submitted for them
// (refusals, resets) is sent before the sockets close.
void EventLoop::EndAll() {
  CallHost::End();
  for (auto& backend : backends_) backend->Stop();
  for (const auto& client : Clients()) {
    client->Flush();
    client->Close();
  }
  ForgetDirty();
}

void EventLoop::Attribute(const RequestHead& head, ClientStream& client) {
  if (!client.connected()->is_proxy()) return;
  const auto behind = ClientBehind(head, options());
  client.Represent(behind ? shared_.peers.Behind(ClientOf(*behind), client.last_read()) : nullptr);
}

void EventLoop::Identify(RequestHead& head, const ClientStream& client) {
  const std::vector<std::string>* const uris = client.certificate_uris();
  if (!shared_.identities || uris == nullptr || uris->empty() || !head.unauthorized()) return;
  const std::string authorization = shared_.identities->AuthorizationOf(*uris);
  if (!authorization.empty()) head.Authorize(authorization);
}

ExchangePtr EventLoop::MakeExchange(RequestHead head, ClientStream& client) {
  Attribute(head, client);
  Identify(head, client);
  return shared_.exchanges.Make(*this, std::move(head), client);
}

void EventLoop::Forward(size_t backend, Call& call) { backends_[backend]->Submit(call); }

bool EventLoop::HasOther(size_t backend, uint64_t address) const {
  return backends_[backend]->HasOther(address);
}

bool EventLoop::IsReady(size_t backend) const { return backends_[backend]->ready(); }

std::vector<EndpointSnapshot> EventLoop::Endpoints() const {
  std::vector<EndpointSnapshot> all;
  for (const auto& backend : backends_) {
    for (EndpointSnapshot& endpoint : backend->Snapshot()) all.push_back(std::move(endpoint));
  }
  return all;
}

// The list is in the order in which calls began.
std::vector<telemetry::CallDescription> EventLoop::DescribeCalls(size_t most) {
  std::vector<telemetry::CallDescription> calls;
  for (const InFlight& call : in_flight()) {
    if (calls.size() == most) break;
    calls.push_back(call.Describe());
  }
  return calls;
}

void EventLoop::OnClosed(Downstream& client) {
  clients_.erase(&client);
  if (clients_.empty() && drained_) std::exchange(drained_, nullptr)();
}

// A copy: clients may end while they are told something.
std::vector<std::shared_ptr<Downstream>> EventLoop::Clients() const {
  std::vector<std::shared_ptr<Downstream>> clients;
  clients.reserve(clients_.size());
  for (const auto& [key, client] : clients_) clients.push_back(client);
  return clients;
}

void EventLoop::MakeRoom(SteadyTime now) {
  std::vector<std::shared_ptr<Downstream>> spare = Clients();
  std::erase_if(spare, [now](const auto& client) { return !client->IsSpare(now); });
  const size_t most = clients_.size() / 10 + 1;
  if (spare.size() > most) {
    std::nth_element(spare.begin(), spare.begin() + static_cast<ptrdiff_t>(most), spare.end(),
                     [](const auto& a, const auto& b) { return a->last_call() < b->last_call(); });
    spare.resize(most);
  }
  if (spare.empty()) return;
  for (const auto& client : spare) client->Drain();
  telemetry::Log(telemetry::Level::kWarn, "gateway", "idle connections give way: places run short")
      .Field("connections", spare.size());
}

void EventLoop::Tick() {
  const SteadyTime now = SteadyNow();
  for (const auto& client : Clients()) client->Tick(now);
  if (shared_.peers.IsCrowded()) MakeRoom(now);
  health().Refresh();
  tick_.Set(timers(), After(now, options().tick));
}

}  // namespace baliprocess::gateway
