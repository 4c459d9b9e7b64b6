// How far a process has come with its start, and that it is to end.

#ifndef BALIPROCESS_COMMON_TELEMETRY_START_STATE_H_
#define BALIPROCESS_COMMON_TELEMETRY_START_STATE_H_

#include <functional>
#include <mutex>
#include <string>

#include "absl/status/status.h"

#include "common/telemetry/operators.h"

namespace baliprocess::telemetry {

// The process isn't ready until it serves. Safe for use by many threads.
class StartState final : public Inspected {
 public:
  // Makes an attempt, and another each second for as long as its error is one that may pass, such
  // as a store that doesn't answer yet. Meanwhile the log and readiness say what is waited for:
  // `what`, such as `the store`. Ends with the last error when the process is asked to end.
  absl::Status Await(const std::string& what, const std::function<absl::Status()>& attempt,
                     const std::function<bool(const absl::Status& error)>& may_pass);

  // Calls are taken from now on.
  void Serving();
  // The process is to end: it isn't ready any more, whatever its parts say.
  void Ending();

  void AddReadiness(Readiness& readiness) const override;

 private:
  static constexpr char kStarts[] = "the process starts";

  void Say(std::string trouble);

  mutable std::mutex mutex_;
  std::string trouble_ = kStarts;
  bool ending_ = false;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_START_STATE_H_
