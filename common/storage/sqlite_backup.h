// A copy of a SQLite database while others write to it.

#ifndef BALIPROCESS_COMMON_STORAGE_SQLITE_BACKUP_H_
#define BALIPROCESS_COMMON_STORAGE_SQLITE_BACKUP_H_

#include <sqlite3.h>

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace baliprocess::storage {

// Copies what the transaction sees that `source` has open into a new file at `path`, which only its
// owner may read. In pieces of 1 MiB; `give_up` (may be null) is asked before each of them, and
// true ends the copy with CANCELLED. The file isn't synced to the disk. When the copy fails, it's
// removed. Errors have an ErrorClass.
//
// Writers aren't held up. As the transaction keeps its snapshot, the write-ahead log can't start
// over meanwhile: it grows by what is written.
absl::Status CopySqlite(sqlite3* source, const std::string& path,
                        const std::function<bool()>& give_up);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SQLITE_BACKUP_H_
