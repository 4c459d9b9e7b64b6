#include "services/gateway/event_loop.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "services/gateway/downstream.h"

namespace baliprocess::gateway {
namespace {

namespace asio = boost::asio;

constexpr size_t kReadBuffer = 128 << 10;
constexpr size_t kTlsRecord = 16 << 10;

}  // namespace

EventLoop::EventLoop(Shared& shared)
    : shared_(shared),
      io_(1),
      work_(io_.get_executor()),
      timers_(io_),
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
  io_.run();
  EndAll();
}

void EventLoop::Adopt(Socket socket, std::string peer) {
  auto moved = std::make_shared<Socket>(std::move(socket));
  asio::post(io_, [this, moved, peer = std::move(peer)]() mutable {
    if (ended_) return;
    auto client = std::make_shared<Downstream>(*this, std::move(*moved), std::move(peer));
    clients_[client.get()] = client;
    client->Serve();
    if (shared_.draining) client->Drain();
  });
}

void EventLoop::Drain(std::function<void()> done) {
  asio::post(io_, [this, done = std::move(done)]() mutable {
    drained_ = std::move(done);
    health_.Refresh();
    std::vector<std::shared_ptr<Downstream>> clients;
    for (const auto& [key, client] : clients_) clients.push_back(client);
    for (const auto& client : clients) client->Drain();
    if (clients_.empty() && drained_) std::exchange(drained_, nullptr)();
  });
}

void EventLoop::Stop() {
  asio::post(io_, [this] { io_.stop(); });
}

// Clients first: their calls then leave the services' connections. What was submitted for them
// (refusals, resets) is sent before the sockets close.
void EventLoop::EndAll() {
  ended_ = true;
  for (auto& backend : backends_) backend->Stop();
  std::vector<std::shared_ptr<Downstream>> clients;
  for (const auto& [key, client] : clients_) clients.push_back(client);
  for (const auto& client : clients) {
    client->Flush();
    client->Close();
  }
  dirty_.clear();
  timers_.Stop();
  work_.reset();
  // Runs the handlers that were cancelled, which hold the connections.
  io_.restart();
  io_.poll();
}

void EventLoop::MarkDirty(Connection& connection, bool& mark) {
  if (std::exchange(mark, true)) return;
  // Posted behind the handlers of everything that this wake-up has brought.
  if (dirty_.empty()) asio::post(io_, [this] { FlushDirty(); });
  dirty_.push_back(connection.shared_from_this());
}

// Flushing one connection gives windows back on others: those are flushed in the next round.
void EventLoop::FlushDirty() {
  flushing_.swap(dirty_);
  for (const auto& connection : flushing_) connection->Flush();
  flushing_.clear();
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
