// Work that nobody waits for: what fails in it must be seen in the log, and must not keep the rest
// from being done.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_BACKGROUND_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_BACKGROUND_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/telemetry/families.h"

namespace baliprocess::resource {

// Safe for many threads.
class BackgroundWork {
 public:
  // Runs a part of the work and returns its status. A failure is logged if it is the first in a row
  // of this part's, the second, the fourth and so on, and so is the success that ends a row.
  absl::Status Run(const std::string& part, const std::function<absl::Status()>& work);

  // What was done, by part.
  void AddMetrics(telemetry::Families& families) const;

 private:
  struct Part {
    int64_t succeeded = 0;
    int64_t failed = 0;
    int64_t failed_in_a_row = 0;
    absl::Time last_success = absl::UnixEpoch();
  };

  mutable std::mutex mutex_;
  std::map<std::string, Part> parts_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_BACKGROUND_H_
