#include "services/gateway/upstream/backend.h"

#include <algorithm>
#include <random>
#include <utility>

#include "common/base/errors.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/upstream/upstream.h"

namespace baliprocess::gateway {
namespace {

// Calls on a connection before the next one to the same address is used: few connections with
// much on each take fewer system calls, and one alone would hold back a busy service.
constexpr int kPacked = 100;

// Between 0.8 and 1.2 of the delay, so that loops and gateways don't come back all at once.
absl::Duration Jittered(absl::Duration delay) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return delay * std::uniform_real_distribution<double>(0.8, 1.2)(random);
}

}  // namespace

Backend::Backend(Reactor& reactor, const TlsContext* tls, std::string name,
                 const ServiceAddresses& service)
    : reactor_(reactor),
      tls_context_(tls),
      address_count_(service.addresses.size()),
      name_(std::move(name)),
      addresses_(service.addresses) {
  for (size_t i = 0; i < address_count_; ++i) stats_.push_back(std::make_unique<EndpointStats>());
  const size_t count =
      std::max<size_t>(reactor.options().connections_per_service, service.addresses.size());
  slots_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    slot.address = service.addresses[i % address_count_];
    slot.delay = reactor.options().reconnect_delay;
    slot.reconnect = std::make_unique<FunctionTimer>([this, &slot] { Connect(slot); });
  }
}

Backend::~Backend() = default;

void Backend::Start() {
  for (Slot& slot : slots_) Connect(slot);
}

void Backend::Stop() {
  stopped_ = true;
  auto connections = leaving_;
  for (Slot& slot : slots_) {
    slot.reconnect->Cancel();
    if (slot.connection) connections.insert(slot.connection);
  }
  for (const auto& connection : connections) connection->Close();
  while (!waiting_.empty()) {
    waiting_.front().Refuse(
        Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "the gateway is closing"));
  }
}

void Backend::Connect(Slot& slot) {
  slot.connection = std::make_shared<Upstream>(reactor_, *this, tls_context_, slot.address);
  slot.connection->Connect();
}

void Backend::ConnectLater(Slot& slot) {
  if (stopped_) return;
  slot.reconnect->Set(reactor_.timers(), After(SteadyNow(), Jittered(slot.delay)));
  slot.delay = std::min(slot.delay * 2, reactor_.options().max_reconnect_delay);
}

Backend::Slot* Backend::SlotOf(const Upstream& connection) {
  for (Slot& slot : slots_) {
    if (slot.connection.get() == &connection) return &slot;
  }
  return nullptr;
}

bool Backend::ready() const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [](const Slot& slot) { return slot.connection && slot.connection->ready(); });
}

// The addresses take turns; of an address's connections the first with room, or else the least
// loaded.
Upstream* Backend::Pick() {
  for (size_t i = 0; i < address_count_; ++i) {
    const size_t address = next_address_;
    next_address_ = (next_address_ + 1) % address_count_;
    Upstream* best = nullptr;
    for (size_t j = address; j < slots_.size(); j += address_count_) {
      Upstream* connection = slots_[j].connection.get();
      if (connection == nullptr || !connection->ready()) continue;
      if (connection->calls() < kPacked) return connection;
      if (best == nullptr || connection->calls() < best->calls()) best = connection;
    }
    if (best != nullptr) return best;
  }
  return nullptr;
}

std::vector<EndpointSnapshot> Backend::Snapshot() const {
  std::vector<EndpointSnapshot> all;
  for (size_t i = 0; i < address_count_; ++i) {
    all.push_back(stats_[i]->Snapshot());
    all.back().service = name_;
    all.back().address = addresses_[i];
  }
  return all;
}

void Backend::Tell(const Slot& slot, EndpointState state) {
  stats_[static_cast<size_t>(&slot - slots_.data()) % address_count_]->state.Set(state);
}

void Backend::Submit(Call& call) {
  if (Upstream* connection = Pick()) return connection->Send(call);
  if (stopped_) {
    return call.Refuse(Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "the gateway is closing"));
  }
  waiting_.push_back(call);
}

void Backend::OnReady(Upstream& connection) {
  if (Slot* slot = SlotOf(connection)) {
    slot->delay = reactor_.options().reconnect_delay;
    Tell(*slot, EndpointState::kUsable);
  }
  while (!waiting_.empty()) {
    Upstream* picked = Pick();
    if (picked == nullptr) return;
    Call& call = waiting_.front();
    waiting_.pop_front();
    picked->Send(call);
  }
}

void Backend::OnGoingAway(Upstream& connection) {
  Slot* slot = SlotOf(connection);
  if (slot == nullptr) return;
  leaving_.insert(std::exchange(slot->connection, nullptr));
  ConnectLater(*slot);
}

void Backend::OnLost(Upstream& connection) {
  leaving_.erase(std::static_pointer_cast<Upstream>(connection.shared_from_this()));
  Slot* slot = SlotOf(connection);
  if (slot == nullptr) return;
  slot->connection = nullptr;
  Tell(*slot, EndpointState::kUnreachable);
  ConnectLater(*slot);
}

}  // namespace baliprocess::gateway
