#include "services/gateway/event_loop.h"

#include <utility>

#include "services/gateway/downstream.h"

namespace baliprocess::gateway {
namespace {

constexpr int kTurnsBesides = 3;
constexpr size_t kReadBuffer = 128 << 10;
constexpr size_t kTlsRecord = 16 << 10;

}  // namespace

EventLoop::EventLoop(Shared& shared)
    : shared_(shared),
      admission_(*shared.verifier, *shared.options.clock),
      health_(*this),
      tick_([this] { Tick(); }),
      read_buffer_(kReadBuffer),
      plaintext_buffer_(kTlsRecord) {
  for (const ServiceAddresses& service : shared.options.services) {
    backends_.push_back(std::make_unique<Backend>(*this, service));
  }
}

EventLoop::~EventLoop() = default;

void EventLoop::Run() {
  for (auto& backend : backends_) backend->Start();
  Tick();
  while (!stopped_) {
    Gather();
    FlushDirty();  // before a deadline breaks off what is done
    timers_.RunDue();
    FlushDirty();
  }
  EndAll();
}

// What comes while something is processed goes on together with it, in the same writes: these cost
// much more than looking again. A limit, so that nothing waits for long.
void EventLoop::Gather() {
  bool more = poller_.Turn(timers_.next());
  for (int i = 0; i < kTurnsBesides && more; ++i) more = poller_.Turn(SteadyTime());
}

void EventLoop::Adopt(UniqueFd socket, std::string peer) {
  auto moved = std::make_shared<UniqueFd>(std::move(socket));
  Post([this, moved, peer = std::move(peer)]() mutable {
    auto client = std::make_shared<Downstream>(*this, std::move(peer));
    clients_[client.get()] = client;
    client->Serve(std::move(*moved));
    if (shared_.draining) client->Drain();
  });
}

void EventLoop::Drain(std::function<void()> done) {
  Post([this, done = std::move(done)]() mutable {
    drained_ = std::move(done);
    health_.Refresh();
    std::vector<std::shared_ptr<Downstream>> clients;
    for (const auto& [key, client] : clients_) clients.push_back(client);
    for (const auto& client : clients) client->Drain();
    if (clients_.empty() && drained_) std::exchange(drained_, nullptr)();
  });
}

void EventLoop::Stop() {
  Post([this] { stopped_ = true; });
}

// Clients first: their calls then leave the services' connections. What was submitted for them
// (refusals, resets) is sent before the sockets close.
void EventLoop::EndAll() {
  for (auto& backend : backends_) backend->Stop();
  std::vector<std::shared_ptr<Downstream>> clients;
  for (const auto& [key, client] : clients_) clients.push_back(client);
  for (const auto& client : clients) {
    client->Flush();
    client->Close();
  }
  dirty_.clear();
}

void EventLoop::MarkDirty(Connection& connection, bool& mark) {
  if (!std::exchange(mark, true)) dirty_.push_back(connection.shared_from_this());
}

// Flushing one connection gives windows back on others: those are flushed in the next round.
void EventLoop::FlushDirty() {
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    for (const auto& connection : flushing_) connection->Flush();
    flushing_.clear();
  }
}

void EventLoop::Remove(Downstream& client) {
  clients_.erase(&client);
  if (clients_.empty() && drained_) std::exchange(drained_, nullptr)();
}

void EventLoop::Tick() {
  const SteadyTime now = SteadyNow();
  std::vector<std::shared_ptr<Downstream>> clients;
  clients.reserve(clients_.size());
  for (const auto& [key, client] : clients_) clients.push_back(client);
  for (const auto& client : clients) client->Tick(now);
  health_.Refresh();
  tick_.Set(timers_, After(now, options().tick));
}

}  // namespace baliprocess::gateway
