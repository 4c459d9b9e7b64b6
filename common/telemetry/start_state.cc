#include "common/telemetry/start_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "common/telemetry/log.h"
#include "common/telemetry/process.h"
#include "common/telemetry/service_manager.h"

namespace baliprocess::telemetry {

absl::Status StartState::Await(const std::string& what,
                               const std::function<absl::Status()>& attempt,
                               const std::function<bool(const absl::Status& error)>& may_pass) {
  constexpr absl::Duration kBetweenAttempts = absl::Seconds(1);
  std::string said;
  while (true) {
    const absl::Status status = attempt();
    if (status.ok() && !said.empty()) {
      Log(Level::kInfo, "main", absl::StrCat("the start has got ", what));
      TellServiceManagerOfStatus("starts").IgnoreError();
    }
    if (status.ok()) Say(kStarts);
    if (status.ok() || !may_pass(status)) return status;
    Say(absl::StrCat("waits for ", what, ": ", status.message()));
    // Each reason once, as they come.
    const std::string error = status.ToString();
    if (std::exchange(said, error) != error) {
      Log(Level::kWarn, "main", absl::StrCat("the start waits for ", what)).Field("error", error);
      // Where nobody can be told, Process logs that.
      TellServiceManagerOfStatus(absl::StrCat("waits for ", what, ": ", status.message()))
          .IgnoreError();
    }
    if (!Process::PauseAtStart(kBetweenAttempts)) return status;
  }
}

void StartState::Serving() { Say(""); }

void StartState::Ending() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ending_ = true;
}

void StartState::AddReadiness(Readiness& readiness) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  readiness.needs["start"] = {.trouble = trouble_};
  readiness.draining = readiness.draining || ending_;
}

void StartState::Say(std::string trouble) {
  const std::lock_guard<std::mutex> lock(mutex_);
  trouble_ = std::move(trouble);
}

}  // namespace baliprocess::telemetry
