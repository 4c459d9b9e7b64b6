// Whether what a server needs answers.

#ifndef BALIPROCESS_COMMON_RPC_HEALTH_MONITOR_H_
#define BALIPROCESS_COMMON_RPC_HEALTH_MONITOR_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/telemetry/operators.h"

namespace baliprocess::rpc {

// Something that a server needs.
struct HealthProbe {
  std::string name;
  // Asks it; may wait, on a thread of its own.
  std::function<absl::Status()> ask;
  // It is another service. The server answers many calls without that one, and other replicas of
  // the server miss it, too: so it serves, and its readiness alone says what is missing.
  bool peer = false;
};

// Asks again and again, and tells when it changes whether all but peers answer: they don't until
// each has answered once. What doesn't answer goes into the log, with its name and its error, and
// so does its return.
class HealthMonitor {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);
    // It doesn't answer once it failed so often in a row, or kept one question waiting so many
    // intervals.
    int failures = 3;
  };
  // Asks at once. `report` is called from a thread of the monitor's, first when all but peers have
  // answered.
  HealthMonitor(std::vector<HealthProbe> probes, std::function<void(bool answering)> report,
                const Options& options);
  // Waits for questions that are under way.
  ~HealthMonitor();

  // What the server needs, by the names of probes; peers are elsewhere.
  std::map<std::string, telemetry::Need> Needs();

  // Waits until each was asked once and what follows was told, or `most` has passed.
  void WaitForFirstAnswers(absl::Duration most);

 private:
  struct State {
    HealthProbe probe;
    bool told = false;                // an answer or an error, once
    bool answered = false;            // once
    int failures = 0;                 // in a row
    bool lost = false;                // it didn't answer for too long, and hasn't answered since
    bool complained = false;          // of that, in the log
    std::optional<SteadyTime> asked;  // when a question is under way
    std::string error;
  };

  void Ask(State& state);
  void Judge();
  // Whether it didn't answer for too long.
  bool Failed(const State& state) const;
  std::string TroubleOf(const State& state) const;
  static void LogChange(State& state);
  // Tells and logs what has changed since the last time. Gives the lock up meanwhile.
  void JudgeOnce(std::unique_lock<std::mutex>& lock);
  // Waits for the next turn; false when the monitor ends.
  bool Pause(std::unique_lock<std::mutex>& lock);

  const Options options_;
  const std::function<void(bool)> report_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool judge_now_ = false;     // something has answered for the first time, or failed to
  bool answering_ = false;     // as it was told last
  bool first_told_ = false;    // what follows from the first answers
  std::vector<State> states_;  // as many as there are probes, for good
  std::vector<std::thread> threads_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_HEALTH_MONITOR_H_
