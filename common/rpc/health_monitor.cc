#include "common/rpc/health_monitor.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "common/telemetry/log.h"

namespace baliprocess::rpc {
namespace {

const std::string kNoAnswer = "no answer yet";

}  // namespace

HealthMonitor::HealthMonitor(std::vector<HealthProbe> probes,
                             std::function<void(bool answering)> report, const Options& options)
    : options_(options), report_(std::move(report)) {
  for (HealthProbe& probe : probes) states_.emplace_back().probe = std::move(probe);
  if (states_.empty()) return;
  for (State& state : states_) threads_.emplace_back([this, &state] { Ask(state); });
  threads_.emplace_back([this] { Judge(); });
}

HealthMonitor::~HealthMonitor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void HealthMonitor::WaitForFirstAnswers(absl::Duration most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(most),
                    [this] { return first_told_ || states_.empty(); });
}

std::string HealthMonitor::TroubleOf(const State& state) const {
  if (state.answered && !Failed(state)) return "";
  if (state.failures > 0) return state.error;
  if (!state.told || !state.asked) return kNoAnswer;
  const absl::Duration waited = absl::Trunc(Since(*state.asked), absl::Seconds(1));
  return absl::StrCat("no answer for ", absl::FormatDuration(waited));
}

std::map<std::string, telemetry::Need> HealthMonitor::Needs() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, telemetry::Need> needs;
  for (const State& state : states_) {
    needs[state.probe.name] = {.trouble = TroubleOf(state), .elsewhere = state.probe.peer};
  }
  return needs;
}

bool HealthMonitor::Pause(std::unique_lock<std::mutex>& lock) {
  return !changed_.wait_for(lock, absl::ToChronoNanoseconds(options_.interval),
                            [this] { return stopping_; });
}

void HealthMonitor::Ask(State& state) {
  std::unique_lock lock(mutex_);
  do {
    state.asked = SteadyNow();
    lock.unlock();
    const absl::Status answer = state.probe.ask();
    lock.lock();
    state.asked.reset();
    state.failures = answer.ok() ? 0 : state.failures + 1;
    state.lost = Failed(state) && !answer.ok();
    if (!answer.ok()) state.error = std::string(answer.message());
    if (!state.told || (answer.ok() && !state.answered)) {
      judge_now_ = true;
      changed_.notify_all();
    }
    state.told = true;
    state.answered = state.answered || answer.ok();
  } while (Pause(lock));
}

bool HealthMonitor::Failed(const State& state) const {
  const bool hangs = state.asked && Since(*state.asked) >= options_.failures * options_.interval;
  return state.lost || hangs || state.failures >= options_.failures;
}

void HealthMonitor::Judge() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, absl::ToChronoNanoseconds(options_.interval),
                      [this] { return stopping_ || judge_now_; });
    if (stopping_) return;
    judge_now_ = false;
    JudgeOnce(lock);
  }
}

void HealthMonitor::LogChange(State& state) {
  if (state.lost && !std::exchange(state.complained, true)) {
    telemetry::Log(state.probe.peer ? telemetry::Level::kWarn : telemetry::Level::kError, "health",
                   state.probe.peer ? "a service that is asked doesn't answer"
                                    : "not serving: something doesn't answer")
        .Field("probe", state.probe.name)
        .Field("error", state.failures > 0 ? state.error : kNoAnswer);
  } else if (!state.lost && std::exchange(state.complained, false)) {
    telemetry::Log(telemetry::Level::kInfo, "health", "what didn't answer answers again")
        .Field("probe", state.probe.name);
  }
}

void HealthMonitor::JudgeOnce(std::unique_lock<std::mutex>& lock) {
  bool all_told = true;
  bool answering = true;
  for (State& state : states_) {
    state.lost = Failed(state);
    LogChange(state);
    all_told = all_told && state.told;
    answering = answering && (state.probe.peer || (state.answered && !state.lost));
  }
  if (std::exchange(answering_, answering) != answering) {
    lock.unlock();
    report_(answering);
    lock.lock();
  }
  if (all_told && !std::exchange(first_told_, true)) changed_.notify_all();
}

}  // namespace baliprocess::rpc
