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

namespace baliprocess::resource {

// Safe for many threads.
class BackgroundWork {
 public:
  // Runs a part of the work and returns its status. A failure is logged if it is the first in a row
  // of this part's, the second, the fourth and so on, and so is the success that ends a row.
  absl::Status Run(const std::string& part, const std::function<absl::Status()>& work);

 private:
  std::mutex mutex_;
  std::map<std::string, int64_t> in_a_row_;  // of parts that failed the last time
  int64_t failures_ = 0;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_BACKGROUND_H_
