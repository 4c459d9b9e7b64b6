// An erasure as the list of erasures gets it, for when the store is set back (erasure_list.h).

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASURE_RECORD_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASURE_RECORD_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/resource/store/erasure.h"
#include "common/resource/store/erasure_list.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// One erasure. Without a list (nullptr) nothing is done. Used by one thread.
class ErasureRecord {
 public:
  // Both outlive it. `key` is that of KeepErasureKey.
  ErasureRecord(const ErasureList* list, std::string_view key) : list_(list), key_(key) {}

  // Before anything is erased: an error when the list can't be written.
  absl::Status Begin() const;

  // Within the transaction that erases, as its last: brings the erasure to the list on the disk,
  // and marks it in the store.
  absl::Status Keep(storage::Transaction& tx, absl::Time now, const std::vector<Erased>& erased);

  // After the transaction: withdraws what was kept if nothing was erased.
  void End(const absl::Status& status, storage::Database& database) const;

 private:
  const ErasureList* list_;
  const std::string_view key_;
  std::string id_;  // empty: nothing was kept
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_ERASURE_RECORD_H_
