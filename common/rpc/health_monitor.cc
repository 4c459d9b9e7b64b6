#include "common/rpc/health_monitor.h"

#include <utility>

#include "absl/time/clock.h"

#include "common/telemetry/log.h"

namespace baliprocess::rpc {

HealthMonitor::HealthMonitor(std::vector<HealthProbe> probes,
                             std::function<void(bool answering)> report, const Options& options)
    : options_(options), report_(std::move(report)) {
  for (HealthProbe& probe : probes) states_.push_back({.probe = std::move(probe), .error = {}});
  if (states_.empty()) return;
  for (State& state : states_) threads_.emplace_back([this, &state] { Ask(state); });
  threads_.emplace_back([this] { Judge(); });
}

HealthMonitor::~HealthMonitor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool HealthMonitor::Pause(std::unique_lock<std::mutex>& lock) {
  return !stop_.wait_for(lock, absl::ToChronoMilliseconds(options_.interval),
                         [this] { return stopping_; });
}

void HealthMonitor::Ask(State& state) {
  std::unique_lock lock(mutex_);
  do {
    state.asked = absl::Now();
    lock.unlock();
    const absl::Status answer = state.probe.ask();
    lock.lock();
    state.asked = absl::InfiniteFuture();
    state.failures = answer.ok() ? 0 : state.failures + 1;
    if (!answer.ok()) state.error = std::string(answer.message());
  } while (Pause(lock));
}

bool HealthMonitor::Answers(const State& state) const {
  const bool in_time = absl::Now() - state.asked < options_.failures * options_.interval;
  return in_time && state.failures < options_.failures;
}

void HealthMonitor::Judge() {
  bool answering = true;
  std::unique_lock lock(mutex_);
  while (Pause(lock)) {
    const State* silent = nullptr;
    for (const State& state : states_) {
      if (!Answers(state)) silent = &state;
    }
    if (answering == (silent == nullptr)) continue;
    answering = silent == nullptr;
    if (answering) {
      telemetry::Log(telemetry::Level::kInfo, "health", "serving again");
    } else {
      telemetry::Log(telemetry::Level::kError, "health", "not serving: something doesn't answer")
          .Field("probe", silent->probe.name)
          .Field("error", silent->failures > 0 ? silent->error : "no answer yet");
    }
    lock.unlock();
    report_(answering);
    lock.lock();
  }
}

}  // namespace baliprocess::rpc
