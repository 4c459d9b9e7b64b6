// Whether what a server depends on answers.

#ifndef BALIPROCESS_COMMON_RPC_HEALTH_MONITOR_H_
#define BALIPROCESS_COMMON_RPC_HEALTH_MONITOR_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace baliprocess::rpc {

// Something that a server can't do its work without: its store, a service that it asks.
struct HealthProbe {
  std::string name;
  // Asks it; may wait, on a thread of its own.
  std::function<absl::Status()> ask;
};

// Asks again and again, and tells when it changes whether all answer. What is told goes into the
// log, with the name and the error of what doesn't answer.
class HealthMonitor {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);
    // It doesn't answer once it failed so often in a row, or kept one question waiting so many
    // intervals.
    int failures = 3;
  };
  // `report` is called from a thread of the monitor's. Nothing is told as long as all answer.
  HealthMonitor(std::vector<HealthProbe> probes, std::function<void(bool answering)> report,
                const Options& options);
  // Waits for questions that are under way.
  ~HealthMonitor();

 private:
  struct State {
    HealthProbe probe;
    int failures = 0;
    absl::Time asked = absl::InfiniteFuture();  // when a question is under way
    std::string error;
  };

  void Ask(State& state);
  void Judge();
  bool Answers(const State& state) const;
  // Waits for the next turn; false when the monitor ends.
  bool Pause(std::unique_lock<std::mutex>& lock);

  const Options options_;
  const std::function<void(bool)> report_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::vector<State> states_;  // as many as there are probes, for good
  std::vector<std::thread> threads_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_HEALTH_MONITOR_H_
