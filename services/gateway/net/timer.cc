#include "services/gateway/net/timer.h"

#include <random>

namespace baliprocess::gateway {

SteadyTime After(SteadyTime from, absl::Duration delay) {
  if (delay >= absl::FromChrono(SteadyTime::max() - from)) return SteadyTime::max();
  return from + absl::ToChronoNanoseconds(delay);
}

absl::Duration Jittered(absl::Duration delay) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return delay * std::uniform_real_distribution<double>(0.8, 1.2)(random);
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
