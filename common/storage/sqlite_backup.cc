#include "common/storage/sqlite_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/storage/sqlite_connection.h"
#include "common/storage/store_error.h"

namespace baliprocess::storage {
namespace {

constexpr int kPagesOfPiece = 256;

struct Closer {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};
using File = std::unique_ptr<sqlite3, Closer>;
using Backup = std::unique_ptr<sqlite3_backup, Closer>;

absl::Status CopyError(int code, const std::string& path) {
  return StoreError(ClassOfSqlite(code),
                    absl::StrCat("can't copy the store to ", path, ": ", sqlite3_errstr(code)));
}

// Makes the file, so that SQLite doesn't choose who may read it.
absl::Status Make(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return StoreError(
        ErrorClass::kDisk,
        std::string(absl::ErrnoToStatus(errno, absl::StrCat("can't make ", path)).message()));
  }
  close(file);
  return absl::OkStatus();
}

absl::Status CopyInto(sqlite3* source, const std::string& path,
                      const std::function<bool()>& give_up) {
  sqlite3* opened = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  const File file(opened);
  // Nobody relies on the file before it is whole.
  for (const char* pragma : {"PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF"}) {
    if (code == SQLITE_OK) code = sqlite3_exec(file.get(), pragma, nullptr, nullptr, nullptr);
  }
  if (code != SQLITE_OK) return CopyError(code, path);
  Backup backup(sqlite3_backup_init(file.get(), "main", source, "main"));
  if (backup == nullptr) return CopyError(sqlite3_extended_errcode(file.get()), path);
  while (code == SQLITE_OK) {
    if (give_up && give_up()) return absl::CancelledError("the copy was given up");
    code = sqlite3_backup_step(backup.get(), kPagesOfPiece);
  }
  return code == SQLITE_DONE ? absl::OkStatus() : CopyError(code, path);
}

}  // namespace

absl::Status CopySqlite(sqlite3* source, const std::string& path,
                        const std::function<bool()>& give_up) {
  RETURN_IF_ERROR(Make(path));
  const absl::Status status = CopyInto(source, path, give_up);
  if (!status.ok()) unlink(path.c_str());
  return status;
}

}  // namespace baliprocess::storage
