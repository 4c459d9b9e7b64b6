#include "services/gateway/upstream/backend.h"

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "services/gateway/calls/refusal.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/upstream/upstream.h"

namespace baliprocess::gateway {
namespace {

// While calls wait, addresses are tried so often, whatever their delays: each attempt may be the
// one that finds the service back.
constexpr absl::Duration kBetweenTries = absl::Milliseconds(100);

absl::Status Closing() {
  return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "the gateway is closing");
}

bool Knows(const std::vector<EndpointAddress>& addresses, const EndpointAddress& address) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const EndpointAddress& other) {
    return other.text == address.text && other.host == address.host;
  });
}

}  // namespace

Backend::Backend(Reactor& reactor, const TlsContext* tls, SharedService& shared,
                 const ServiceAddresses& service)
    : reactor_(reactor),
      tls_context_(tls),
      shared_(shared),
      waiting_timer_([this] { OnWaiting(); }) {
  for (const std::string& address : service.addresses) {
    targets_.emplace_back(
        reactor, address, [this] { OnTargets(); }, shared.logs);
  }
}

Backend::~Backend() = default;

void Backend::Start() {
  OnTargets();
  for (Target& target : targets_) target.Start();
}

void Backend::Stop() {
  stopped_ = true;
  waiting_timer_.Cancel();
  const auto endpoints = endpoints_;
  const auto leaving = leaving_;
  for (const auto& endpoint : endpoints) endpoint->Close();
  for (const auto& endpoint : leaving) endpoint->Close();
  while (!waiting_.empty()) waiting_.front().Refuse(Closing());
}

void Backend::OnTargets() {
  if (stopped_) return;
  std::vector<EndpointAddress> addresses;
  for (const Target& target : targets_) {
    for (const EndpointAddress& address : target.addresses()) {
      if (!Knows(addresses, address)) addresses.push_back(address);
    }
  }
  std::vector<std::shared_ptr<Endpoint>> gone;
  std::erase_if(endpoints_, [&](const auto& endpoint) {
    if (Knows(addresses, endpoint->address())) return false;
    gone.push_back(endpoint);
    return true;
  });
  for (const EndpointAddress& address : addresses) {
    const bool known = std::any_of(endpoints_.begin(), endpoints_.end(), [&](const auto& other) {
      return Knows({other->address()}, address);
    });
    if (known) continue;
    EndpointOwner& owner = *this;
    endpoints_.push_back(std::make_shared<Endpoint>(reactor_, owner, tls_context_, address,
                                                    shared_.name,
                                                    shared_.logs.OfAddress(address.text)));
  }
  leaving_.insert(leaving_.end(), gone.begin(), gone.end());
  Publish();
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    endpoints_[i]->Keep(ConnectionsOf(i, endpoints_.size()));
  }
  for (const auto& endpoint : gone) endpoint->Leave();
  OnChange();
}

int Backend::ConnectionsOf(size_t index, size_t count) const {
  const auto all = static_cast<size_t>(reactor_.options().connections_per_service);
  const size_t own = all / count + (index < all % count ? 1 : 0);
  return static_cast<int>(std::max<size_t>(own, 1));
}

bool Backend::HasOther(uint64_t address) const {
  return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const auto& endpoint) {
    return endpoint->usable() && endpoint->id() != address && endpoint->rank() == Endpoint::kFit;
  });
}

bool Backend::ready() const {
  return std::any_of(endpoints_.begin(), endpoints_.end(),
                     [](const auto& endpoint) { return endpoint->serving(); });
}

bool Backend::usable() const {
  return std::any_of(endpoints_.begin(), endpoints_.end(),
                     [](const auto& endpoint) { return endpoint->usable(); });
}

bool Backend::hopeful() const {
  return std::any_of(endpoints_.begin(), endpoints_.end(),
                     [](const auto& endpoint) { return endpoint->hopeful(); }) ||
         std::any_of(targets_.begin(), targets_.end(),
                     [](const Target& target) { return target.pending(); });
}

// The one that has the least to do; of equals the next in turn.
Endpoint* Backend::Pick(EndpointLoad::Kind kind, uint64_t avoid) {
  const size_t count = endpoints_.size();
  if (count == 1) return endpoints_.front()->usable() ? endpoints_.front().get() : nullptr;
  const SteadyTime now = SteadyNow();
  Endpoint* best = nullptr;
  auto best_rank = Endpoint::kFit;
  double best_cost = 0;
  const size_t first = next_;
  for (size_t i = 0; i < count; ++i) {
    const size_t index = (first + i) % count;
    Endpoint* const endpoint = endpoints_[index].get();
    if (!endpoint->usable()) continue;
    const auto rank =
        endpoint->id() == avoid ? std::max(endpoint->rank(), Endpoint::kAvoided) : endpoint->rank();
    const double cost = endpoint->Cost(kind, now);
    if (best != nullptr && (rank > best_rank || (rank == best_rank && cost >= best_cost))) continue;
    best = endpoint;
    best_rank = rank;
    best_cost = cost;
    next_ = index + 1;
  }
  return best;
}

void Backend::Submit(Call& call) {
  if (stopped_) return call.Refuse(Closing());
  const auto kind = call.route()->unary ? EndpointLoad::kUnary : EndpointLoad::kStream;
  const Endpoint* endpoint = Pick(kind, call.avoid());
  Upstream* connection = endpoint == nullptr ? nullptr : endpoint->Pick();
  if (connection != nullptr) return connection->Send(call);
  if (!hopeful()) TryAll();
  const bool waits = patient() ? call.TakePlace(shared_.waiting) : hopeful();
  if (!waits) return call.Refuse(Unreachable());
  waiting_.push_back(call);
  if (!waiting_timer_.is_set()) SetWaitingTimer();
}

void Backend::SetWaitingTimer() {
  const SteadyTime next = After(SteadyNow(), kBetweenTries);
  waiting_timer_.Set(reactor_.timers(), patient() ? std::min(next, patient_until_) : next);
}

void Backend::TryAll() {
  for (const auto& endpoint : endpoints_) endpoint->TryNow();
}

void Backend::NoteAbsence() {
  const bool was_absent = std::exchange(absent_, !usable());
  if (!absent_) {
    patient_until_ = SteadyTime::min();
    shared_.reached = true;
    shared_.waiting.OnBack();
  } else if (!was_absent) {
    patient_until_ = After(SteadyNow(), reactor_.options().wait_for_service);
  }
}

void Backend::OnChange() {
  if (stopped_) return;
  NoteAbsence();
  while (!waiting_.empty() && usable()) {
    Call& call = waiting_.front();
    waiting_.pop_front();
    Submit(call);
  }
  if (!waiting_.empty() && !hopeful() && !patient()) RefuseWaiting();
}

void Backend::OnWaiting() {
  if (waiting_.empty()) return;
  if (patient()) {
    TryAll();
  } else if (!hopeful()) {
    return RefuseWaiting();
  }
  SetWaitingTimer();
}

void Backend::RefuseWaiting() {
  shared_.waiting.OnGivenUp(waiting_.size());
  while (!waiting_.empty()) {
    Call& call = waiting_.front();
    waiting_.pop_front();
    call.Refuse(Unreachable());
  }
}

void Backend::OnConnectFailure() {
  for (Target& target : targets_) target.Hurry();
}

bool Backend::MayEject() const {
  const auto ejected = std::count_if(endpoints_.begin(), endpoints_.end(),
                                     [](const auto& endpoint) { return endpoint->ejected(); });
  return 2 * (static_cast<size_t>(ejected) + 1) <= endpoints_.size();
}

void Backend::OnLeft(Endpoint& endpoint) {
  std::erase_if(leaving_, [&](const auto& other) { return other.get() == &endpoint; });
}

void Backend::Publish() {
  std::vector<Published> published;
  for (const auto& endpoint : endpoints_) {
    published.push_back({endpoint->address().text, endpoint->stats()});
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  published_.swap(published);
}

std::vector<EndpointSnapshot> Backend::Snapshot() const {
  std::vector<EndpointSnapshot> snapshots;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const Published& endpoint : published_) {
    snapshots.push_back(endpoint.stats->Snapshot());
    snapshots.back().service = shared_.name;
    snapshots.back().address = endpoint.address;
  }
  return snapshots;
}

}  // namespace baliprocess::gateway
