#include "services/gateway/net/timer.h"

namespace baliprocess::gateway {

SteadyTime After(SteadyTime from, absl::Duration delay) {
  if (delay >= absl::FromChrono(SteadyTime::max() - from)) return SteadyTime::max();
  return from + absl::ToChronoNanoseconds(delay);
}

void Timer::Set(TimerQueue& queue, SteadyTime at) {
  unlink();
  at_ = at;
  queue.timers_.insert(*this);
}

void TimerQueue::RunDue() {
  if (timers_.empty()) return;
  const SteadyTime now = SteadyNow();
  while (!timers_.empty() && timers_.begin()->at_ <= now) {
    Timer& timer = *timers_.begin();
    timer.Cancel();
    timer.OnTimer();
  }
}

}  // namespace baliprocess::gateway
