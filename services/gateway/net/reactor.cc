#include "services/gateway/net/reactor.h"

#include <utility>

#include "services/gateway/net/connection.h"

namespace baliprocess::gateway {
namespace {

constexpr int kTurnsBesides = 3;
// Connections that have something to say are flushed when they are so many: what they have is held
// until then, refused calls among it.
constexpr size_t kManyDirty = 32;
constexpr size_t kReadBuffer = 128 << 10;
constexpr size_t kTlsRecord = 16 << 10;

}  // namespace

Reactor::Reactor(const Options& options)
    : options_(options),
      read_buffer_(kReadBuffer),
      plaintext_buffer_(kTlsRecord),
      resolver_(options.names != nullptr ? *options.names : NameLookup::System()) {}

Reactor::~Reactor() = default;

void Reactor::Turn() {
  const SteadyTime begun = Gather();
  FlushDirty();  // before a deadline breaks off what is done
  timers_.RunDue();
  FlushDirty();
  counts_.turns.Add(SteadyNow() - begun);
}

// What comes while something is processed goes on together with it, in the same writes: these cost
// much more than looking again. A limit, so that nothing waits for long.
SteadyTime Reactor::Gather() {
  SteadyTime begun;
  bool more = poller_.Turn(timers_.next(), &begun);
  for (int i = 0; i < kTurnsBesides && more && dirty_.size() < kManyDirty; ++i) {
    more = poller_.Turn(SteadyTime());
  }
  return begun;
}

void Reactor::MarkDirty(Connection& connection, bool& mark) {
  if (!std::exchange(mark, true)) dirty_.push_back(connection.shared_from_this());
}

// Flushing one connection gives windows back on others: those are flushed in the next round.
void Reactor::FlushDirty() {
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    for (const auto& connection : flushing_) connection->Flush();
    flushing_.clear();
  }
}

}  // namespace baliprocess::gateway
