#include "services/gateway/upstream/target.h"

#include <algorithm>
#include <utility>

#include "common/telemetry/log.h"

namespace baliprocess::gateway {
namespace {

// A name that isn't known, or that failing addresses hang on, is looked up so often at most.
constexpr absl::Duration kSoonest = absl::Seconds(1);

bool SameTexts(const std::vector<EndpointAddress>& a, const std::vector<EndpointAddress>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.text == y.text; });
}

}  // namespace

Target::Target(Reactor& reactor, std::string_view text, std::function<void()> changed,
               SharedLogs& logs)
    : reactor_(reactor), changed_(std::move(changed)), again_([this] { LookUp(); }) {
  if (text.starts_with("unix:")) {
    addresses_ = {{std::string(text), "localhost", UnixAddress(text.substr(5))}};
    lookups_ = 1;
    return;
  }
  name_ = *SplitHostPort(text);  // checked when the gateway was made
  if (const auto numeric = NumericAddress(name_)) {
    addresses_ = {{ToText(*numeric), name_.host, *numeric}};
    lookups_ = 1;
    return;
  }
  is_name_ = true;
  known_ = logs.OfName(name_.host);
}

void Target::Start() {
  if (is_name_) LookUp();
}

void Target::Hurry() {
  if (!is_name_ || asking_) return;
  again_.Set(reactor_.timers(), std::max(SteadyNow(), After(asked_, kSoonest)));
}

void Target::LookUp() {
  if (std::exchange(asking_, true)) return;
  asked_ = SteadyNow();
  reactor_.resolver().Resolve(name_, [this, &reactor = reactor_](std::vector<SocketAddress> found) {
    reactor.Post([this, found = std::move(found)]() mutable { OnAnswer(std::move(found)); });
  });
}

void Target::OnAnswer(std::vector<SocketAddress> found) {
  asking_ = false;
  ++lookups_;
  const absl::Duration interval = reactor_.options().upstream.resolve_interval;
  const absl::Duration pause = found.empty() ? std::min(kSoonest, interval) : interval;
  again_.Set(reactor_.timers(), After(SteadyNow(), pause));
  std::vector<EndpointAddress> addresses;
  for (const SocketAddress& socket : found) {
    addresses.push_back({ToText(socket), name_.host, socket});
  }
  std::sort(addresses.begin(), addresses.end(),
            [](const auto& a, const auto& b) { return a.text < b.text; });
  if (addresses.empty()) {
    known_->Fails(name_.host);
    if (addresses_.empty()) changed_();
    return;
  }
  known_->Works();
  if (SameTexts(addresses, addresses_)) return;
  addresses_ = std::move(addresses);
  telemetry::Log(telemetry::Level::kInfo, "gateway", "service's name was looked up")
      .Field("host", name_.host)
      .Field("addresses", addresses_.size());
  changed_();
}

}  // namespace baliprocess::gateway
