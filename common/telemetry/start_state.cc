#include "common/telemetry/start_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "common/telemetry/process.h"
#include "common/telemetry/state_log.h"

namespace baliprocess::telemetry {

absl::Status StartState::Await(const std::string& what,
                               const std::function<absl::Status()>& attempt,
                               const std::function<bool(const absl::Status& error)>& may_pass) {
  constexpr absl::Duration kBetweenAttempts = absl::Seconds(1);
  StateLog log({.component = "main",
                .lost = absl::StrCat("the start waits for ", what),
                .back = absl::StrCat("the start has got ", what)});
  while (true) {
    const absl::Status status = attempt();
    if (status.ok()) {
      log.Works();
      return status;
    }
    if (!may_pass(status)) return status;
    log.Fails(status.ToString());
    Say(absl::StrCat("waits for ", what, ": ", std::string(status.message())));
    if (!Process::PauseAtStart(kBetweenAttempts)) return status;
  }
}

void StartState::Serving() { Say(""); }

void StartState::AddReadiness(Readiness& readiness) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  readiness.troubles["start"] = trouble_;
}

void StartState::Say(std::string trouble) {
  const std::lock_guard<std::mutex> lock(mutex_);
  trouble_ = std::move(trouble);
}

}  // namespace baliprocess::telemetry
