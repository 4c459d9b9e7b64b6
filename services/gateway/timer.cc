#include "services/gateway/timer.h"

namespace baliprocess::gateway {

SteadyTime After(SteadyTime from, absl::Duration delay) {
  if (delay >= absl::FromChrono(SteadyTime::max() - from)) return SteadyTime::max();
  return from + absl::ToChronoNanoseconds(delay);
}

void Timer::Set(TimerQueue& queue, SteadyTime at) {
  unlink();
  at_ = at;
  queue.Add(*this);
}

void TimerQueue::Add(Timer& timer) {
  timers_.insert(timer);
  if (timer.at_ < armed_at_) Arm(timer.at_);
}

// The wake-up isn't moved when timers are cancelled: it finds nothing due and goes on to the next.
void TimerQueue::Arm(SteadyTime at) {
  armed_at_ = at;
  wakeup_.expires_at(at);
  wakeup_.async_wait([this](const boost::system::error_code& error) {
    if (!error) RunDue();
  });
}

void TimerQueue::RunDue() {
  armed_at_ = SteadyTime::max();
  const SteadyTime now = SteadyNow();
  while (!timers_.empty() && timers_.begin()->at_ <= now) {
    Timer& timer = *timers_.begin();
    timer.Cancel();
    timer.OnTimer();
  }
  if (!timers_.empty() && timers_.begin()->at_ < armed_at_) Arm(timers_.begin()->at_);
}

}  // namespace baliprocess::gateway
