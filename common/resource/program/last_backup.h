// When the store was backed up last, for the alert about a backup that is too old.

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_LAST_BACKUP_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_LAST_BACKUP_H_

#include <atomic>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/storage/database.h"
#include "common/telemetry/operators.h"

namespace baliprocess::resource {

// Of a store whose copies its service sends itself (StoreService.BackUp). The store keeps the time,
// so that it outlives the process. Safe for many threads.
class LastBackup final : public telemetry::Inspected {
 public:
  // The database outlives this object.
  explicit LastBackup(storage::Database& database) : database_(database) {}

  // Reads what the store has kept.
  absl::Status Read();

  // A copy that began at `begin` was sent to its end. What can't be kept is logged.
  void Sent(absl::Time begin);

  void AddMetrics(telemetry::Families& families) const override;

 private:
  storage::Database& database_;
  std::atomic<absl::Time> begin_ = absl::UnixEpoch();  // the epoch: there was none
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_LAST_BACKUP_H_
