#include "services/gateway/upstream/endpoint.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/telemetry/log.h"
#include "services/gateway/upstream/upstream.h"

namespace baliprocess::gateway {
namespace {

// Calls on a connection before the next one to the same address is used: few connections with
// much on each take fewer system calls, and one alone would hold back a busy service.
constexpr int kPacked = 100;

// A connection that stood so long is no sign of trouble when it ends.
constexpr auto kStable = std::chrono::seconds(1);

// Connections that take no more calls, and aren't over. No more age while they are so many: with
// watches that never end they would only grow in number.
constexpr int kMaxLeaving = 4;

uint64_t NextId() {
  thread_local uint64_t last = 0;
  return ++last;
}

// Attempts to connect that calls ask for are so far apart, at least.
constexpr auto kLeastPause = std::chrono::milliseconds(20);

// An attempt that fails within this time was refused, since nobody listens there.
constexpr auto kAtOnce = std::chrono::milliseconds(100);

}  // namespace

Endpoint::Endpoint(Reactor& reactor, EndpointOwner& owner, const TlsContext* tls,
                   EndpointAddress address, std::string service,
                   std::shared_ptr<telemetry::StateLog> connecting)
    : reactor_(reactor),
      owner_(owner),
      tls_context_(tls),
      address_(std::move(address)),
      service_(std::move(service)),
      id_(NextId()),
      delay_(reactor.options().reconnect_delay),
      reconnect_([this] { Refill(); }),
      connecting_(std::move(connecting)),
      load_(reactor.options().upstream.slow_start),
      ejection_([this] { OnEjectionOver(); }),
      ejection_time_(reactor.options().upstream.ejection) {}

Endpoint::~Endpoint() = default;

void Endpoint::Keep(int connections) {
  wanted_ = static_cast<size_t>(connections);
  Refill();
}

void Endpoint::Leave() {
  left_ = true;
  reconnect_.Cancel();
  ejection_.Cancel();
  for (const auto& connection : std::vector(connections_)) connection->Retire();
  if (connections_.empty()) owner_.OnLeft(*this);
}

void Endpoint::Close() {
  left_ = true;
  reconnect_.Cancel();
  ejection_.Cancel();
  for (const auto& connection : std::vector(connections_)) connection->Close();
}

// Connects what is missing. While nothing is known to work, one attempt at a time is enough.
void Endpoint::Refill() {
  if (left_ || reconnect_.is_set()) return;
  const auto lasting = [](const auto& connection) { return connection->lasting(); };
  const size_t wanted = failed_ ? 1 : wanted_;
  while (static_cast<size_t>(std::count_if(connections_.begin(), connections_.end(), lasting)) <
         wanted) {
    Connect();
  }
}

bool Endpoint::MayAge() const {
  const auto leaving = [](const auto& connection) { return connection->leaving(); };
  return std::count_if(connections_.begin(), connections_.end(), leaving) < kMaxLeaving;
}

void Endpoint::TryNow() {
  if (left_ || slow_) return;
  // An attempt that is under way may succeed, whatever became of those before it.
  const bool failed = std::exchange(failed_, false);
  if (hopeful()) return;
  failed_ = failed;
  if (!reconnect_.is_set() || SteadyNow() < tried_ + kLeastPause) return;
  reconnect_.Cancel();
  failed_ = false;
  Connect();
}

void Endpoint::Connect() {
  tried_ = SteadyNow();
  connections_.push_back(std::make_shared<Upstream>(reactor_, shared_from_this(), tls_context_));
  connections_.back()->Connect();
  stats_->connections.Set(static_cast<int64_t>(connections_.size()));
}

void Endpoint::ConnectLater() {
  if (left_ || reconnect_.is_set()) return;
  reconnect_.Set(reactor_.timers(), After(SteadyNow(), Jittered(delay_)));
  delay_ = std::min(delay_ * 2, reactor_.options().max_reconnect_delay);
}

bool Endpoint::hopeful() const {
  return !left_ && !failed_ &&
         std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->pending(); });
}

Endpoint::Rank Endpoint::rank() const {
  if (!serving_) return kNotServing;
  if (ejected()) return kEjected;
  const Upstream* connection = Pick();
  return connection != nullptr && connection->silent() ? kSilent : kFit;
}

// Of the connections that answer the first with room, or else the least loaded.
Upstream* Endpoint::Pick() const {
  Upstream* best = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->ready()) continue;
    const bool silent = connection->silent();
    if (!silent && !connection->aged() && connection->calls() < kPacked) return connection.get();
    const auto worse = [&] {
      return best->silent() != silent ? best->silent() : connection->calls() < best->calls();
    };
    if (best == nullptr || worse()) best = connection.get();
  }
  return best;
}

void Endpoint::OnCallBegun(EndpointLoad::Kind kind, bool repeat) {
  load_.Begin(kind);
  stats_->outstanding.Add(1);
  stats_->attempts.Add(1);
  if (repeat) stats_->repeats.Add(1);
}

void Endpoint::OnCallEnded(EndpointLoad::Kind kind) {
  load_.End(kind);
  stats_->outstanding.Add(-1);
}

void Endpoint::OnUnavailable() {
  stats_->unavailable.Add(1);
  load_.Fail(SteadyNow());
}

void Endpoint::Judge() {
  const auto serves = [](const auto& connection) {
    return connection->ready() && connection->serving();
  };
  const bool usable = Pick() != nullptr && !left_;
  const bool serving = usable && std::any_of(connections_.begin(), connections_.end(), serves);
  if (usable) failed_ = slow_ = false;
  if (serving && !serving_) load_.Warm(SteadyNow());
  const bool changed = usable != usable_ || serving != serving_;
  usable_ = usable;
  serving_ = serving;
  TellState();
  if (changed) owner_.OnChange();
}

void Endpoint::OnReadiness(Upstream& connection) {
  Judge();
  if (!connection.ready()) return;
  Refill();
  const auto aged = std::find_if(connections_.begin(), connections_.end(), [](const auto& other) {
    return other->aged() && !other->leaving();
  });
  if (!connection.aged() && aged != connections_.end()) std::shared_ptr(*aged)->Retire();
}

// A connection that ends is replaced at once: there may be another replica behind this address. But
// not time after time.
void Endpoint::OnGoingAway(Upstream& connection, bool by_service) {
  const absl::Duration first = reactor_.options().reconnect_delay;
  if (!by_service || connection.stood(kStable)) {
    delay_ = first;
    Refill();
  } else if (delay_ > first) {
    ConnectLater();
  } else {
    delay_ *= 2;
    Refill();
  }
  Judge();
}

void Endpoint::OnLost(Upstream& connection, bool had_opened, std::string_view why) {
  const bool was_leaving = connection.leaving();
  std::erase_if(connections_, [&](const auto& other) { return other.get() == &connection; });
  stats_->connections.Set(static_cast<int64_t>(connections_.size()));
  if (left_) {
    if (connections_.empty()) owner_.OnLeft(*this);
    return;
  }
  if (had_opened) {
    stats_->losses.Add(1);
    if (!was_leaving) OnGoingAway(connection, true);
    return;
  }
  stats_->connect_failures.Add(1);
  connecting_->Fails(absl::StrCat(address_.text, ": ", absl::string_view(why.data(), why.size())));
  slow_ = SteadyNow() >= tried_ + kAtOnce;
  ConnectLater();
  failed_ = !usable_;
  Judge();
  owner_.OnChange();
  owner_.OnConnectFailure();
}

void Endpoint::OnSilent() {
  stats_->ping_timeouts.Add(1);
  Eject();
}

void Endpoint::Eject() {
  if (left_ || ejected()) return;
  const UpstreamOptions& options = reactor_.options().upstream;
  if (!owner_.MayEject()) {
    telemetry::Log(telemetry::Level::kWarn, "gateway", "service doesn't answer and isn't ejected")
        .Field("address", address_.text)
        .Field("reason", "half of its addresses are ejected, or it is the only one");
    return;
  }
  const SteadyTime now = SteadyNow();
  // What stood as long as the longest ejection is forgotten.
  if (now > After(ejection_over_, options.max_ejection)) ejection_time_ = options.ejection;
  const absl::Duration time = Jittered(ejection_time_);
  ejection_time_ = std::min(ejection_time_ * 2, options.max_ejection);
  ejection_over_ = After(now, time);
  ejection_.Set(reactor_.timers(), ejection_over_);
  stats_->ejections.Add(1);
  telemetry::Log(telemetry::Level::kWarn, "gateway", "service's address is ejected")
      .Field("address", address_.text)
      .Field("duration_us", absl::ToInt64Microseconds(time));
  TellState();
}

void Endpoint::OnEjectionOver() {
  telemetry::Log(telemetry::Level::kInfo, "gateway", "service's address is no longer ejected")
      .Field("address", address_.text);
  load_.Warm(SteadyNow());
  TellState();
}

void Endpoint::StopPings() {
  if (!std::exchange(pings_, false)) return;
  telemetry::Log(telemetry::Level::kWarn, "gateway", "service takes PINGs for abuse: it gets none")
      .Field("address", address_.text);
}

void Endpoint::TellState() {
  EndpointState state = failed_ ? EndpointState::kUnreachable : EndpointState::kConnecting;
  if (usable_) state = serving_ ? EndpointState::kUsable : EndpointState::kNotServing;
  if (ejected()) state = EndpointState::kEjected;
  stats_->state.Set(state);
}

}  // namespace baliprocess::gateway
