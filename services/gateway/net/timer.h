// Many timers on one event loop, cheap to set and to cancel: most deadlines never come.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_TIMER_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_TIMER_H_

#include <chrono>
#include <functional>
#include <utility>

#include "absl/time/time.h"
#include <boost/intrusive/set.hpp>

#include "common/base/steady_time.h"

namespace baliprocess::gateway {

// `delay` after `from`; SteadyTime::max() when that is beyond what the clock can say.
SteadyTime After(SteadyTime from, absl::Duration delay);

// Between 0.8 and 1.2 of the delay, so that loops and gateways don't do things all at once.
absl::Duration Jittered(absl::Duration delay);

class TimerQueue;

// Something that happens once, later, on the loop's thread. Destruction cancels.
class Timer : public boost::intrusive::set_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Timer() = default;

  // Sets, or sets again.
  void Set(TimerQueue& queue, SteadyTime at);
  void Cancel() { unlink(); }
  bool is_set() const { return is_linked(); }

  friend bool operator<(const Timer& a, const Timer& b) { return a.at_ < b.at_; }

 protected:
  // Runs when the time has come; may destroy the timer, or set it again.
  virtual void OnTimer() = 0;

 private:
  friend class TimerQueue;
  SteadyTime at_;
};

// A timer that calls a function.
class FunctionTimer final : public Timer {
 public:
  explicit FunctionTimer(std::function<void()> run) : run_(std::move(run)) {}

 private:
  void OnTimer() override { run_(); }
  std::function<void()> run_;
};

class TimerQueue {
 public:
  // When RunDue has something to do; SteadyTime::max() when no timer is set.
  SteadyTime next() const { return timers_.empty() ? SteadyTime::max() : timers_.begin()->at_; }

  // Runs what is due.
  void RunDue();

 private:
  friend class Timer;

  boost::intrusive::multiset<Timer, boost::intrusive::constant_time_size<false>> timers_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_TIMER_H_
