// Restores a store, as it was at a moment, from what was shipped of it.

#ifndef BALIPROCESS_COMMON_STORAGE_SHIPPED_RESTORE_H_
#define BALIPROCESS_COMMON_STORAGE_SHIPPED_RESTORE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::storage {

struct RestoredState {
  std::string service;
  std::string chain;   // the path of the folder that it was taken from
  absl::Time time;     // of the last commit that the store has, or of the copy
  absl::Time through;  // until when nothing else was committed, as far as is known
  uint64_t segments = 0;
};

// Writes the store as it was at `until` to the file at `path`, which is there and empty, and isn't
// synced. InfiniteFuture: as it was last. `service` may be empty when `folder` has one service.
//
// Whole commits, and all of those until then: DATA_LOSS, with the path, when a file that this needs
// is missing, cut or was changed; FAILED_PRECONDITION when nothing was shipped at that time;
// NOT_FOUND when it is before all that is there. Errors say which moments there are around it.
absl::StatusOr<RestoredState> RestoreShipped(const std::string& folder, const std::string& service,
                                             absl::Time until, const std::string& path);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SHIPPED_RESTORE_H_
