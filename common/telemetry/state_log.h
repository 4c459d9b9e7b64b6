// Says in the log when something stops working and when it works again: a line at each change, not
// for each failure.

#ifndef BALIPROCESS_COMMON_TELEMETRY_STATE_LOG_H_
#define BALIPROCESS_COMMON_TELEMETRY_STATE_LOG_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"

#include "common/base/steady_time.h"

namespace baliprocess::telemetry {

// Safe for use by many threads.
class StateLog {
 public:
  struct Options {
    std::string component;
    std::string lost;          // what is said when it stops working
    std::string back;          // and when it works again
    std::string service = {};  // of which service; empty: that isn't said
    // What works and fails by turns has one pair of lines in that time.
    absl::Duration pause = absl::Seconds(10);
  };
  explicit StateLog(Options options) : options_(std::move(options)) {}

  // It failed, with `error`.
  void Fails(std::string_view error);

  // It worked. Cheap while nothing has failed.
  void Works();

 private:
  const Options options_;
  std::atomic<bool> failing_ = false;
  std::mutex mutex_;
  bool said_ = false;  // of the failure that lasts
  SteadyTime next_line_ = SteadyTime::min();
  int64_t failures_ = 0;  // since the last line
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_STATE_LOG_H_
