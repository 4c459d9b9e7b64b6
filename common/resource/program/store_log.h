// Says in the log what the store does slowly or not at all.

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_LOG_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_LOG_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/storage/observed_database.h"
#include "common/telemetry/state_log.h"

namespace baliprocess::resource {

// Logs statements that fail, unless for a conflict or a value that is there already, which calls
// may run into at any time, and statements that take `slow` or longer. At most one line a second:
// who can make statements slow must not fill the log. Besides, when other processes' commits aren't
// heard of, and when they are again.
class StoreLog final : public storage::StoreObserver {
 public:
  StoreLog(absl::Duration slow, std::shared_ptr<storage::StoreNumbers> numbers)
      : slow_(slow), numbers_(std::move(numbers)) {}

  const storage::StoreCounters& counters() const { return counters_; }

  // Logs all counts, at the end of the process.
  void SayCounts() const;

  void StatementEnded(std::string_view sql, absl::Duration took,
                      const absl::Status& status) override;
  void TransactionEnded(bool write, absl::Duration took, const absl::Status& status) override;
  void Listened(const absl::Status& status) override;

  // A host of the store didn't answer (Database::Options::dropped).
  void Dropped(const absl::Status& why) const;

 private:
  const absl::Duration slow_;
  const std::shared_ptr<storage::StoreNumbers> numbers_;
  storage::StoreCounters counters_;
  std::mutex mutex_;
  absl::Time next_line_ = absl::InfinitePast();
  telemetry::StateLog listening_{
      {.component = "storage",
       .lost = "commits of other processes aren't heard of: they are looked for each second",
       .back = "commits of other processes are heard of again"}};
  int64_t unsaid_ = 0;  // statements since the last line that would have had one
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_LOG_H_
