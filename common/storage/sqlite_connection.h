// One connection to a SQLite file: opening, statements, values, errors.

#ifndef BALIPROCESS_COMMON_STORAGE_SQLITE_CONNECTION_H_
#define BALIPROCESS_COMMON_STORAGE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/database.h"
#include "common/storage/internal.h"

namespace baliprocess::storage {

// The class of an extended result code.
ErrorClass ClassOfSqlite(int extended_code);

// Used by one thread at a time.
class SqliteConnection {
 public:
  enum class Use { kRead, kWrite };

  // Opens `path`, and creates the file when it is absent and `use` is kWrite.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Use use);

  // Runs one statement. Rows are added to `rows`, or dropped when it is nullptr, and none follows
  // the row with which their blobs exceed `max_bytes`. The statement is reset in any case, so that
  // nothing holds on to a snapshot.
  absl::Status Run(std::string_view sql, const std::vector<Value>& params, std::vector<Row>* rows,
                   int64_t max_bytes = std::numeric_limits<int64_t>::max());
  absl::Status Run(std::string_view sql) { return Run(sql, {}, nullptr); }

  // Rows inserted, updated and deleted by statements so far, and by the last one that did any.
  int64_t total_changes() const { return sqlite3_total_changes64(db_.get()); }
  int64_t last_changes() const { return sqlite3_changes64(db_.get()); }

  // Statements fail with kTimeout once this has passed.
  void SetDeadline(absl::Time deadline) { deadline_ = deadline; }

  // For what SQLite does with a connection as a whole, such as a backup.
  sqlite3* handle() { return db_.get(); }

  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

  // Pages in the write-ahead log after the last commit of this connection.
  int wal_pages() const { return wal_pages_; }
  // Commits of this connection that wrote something.
  int64_t commits() const { return commits_; }

  // Copies the log into the file. With `patience`, waits so long for readers to finish so that the
  // log starts over; it would otherwise grow for as long as there is always some reader. A failure
  // loses nothing.
  void Checkpoint(absl::Duration patience);

 private:
  struct Closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

  explicit SqliteConnection(sqlite3* db) : db_(db) {}

  absl::Status Configure(Use use);
  absl::StatusOr<sqlite3_stmt*> Prepared(std::string_view sql);
  absl::Status Bind(sqlite3_stmt* statement, const std::vector<Value>& params);
  absl::Status LastError() const;
  static int IsLate(void* connection);

  std::unique_ptr<sqlite3, Closer> db_;
  StatementCache<Statement> statements_;  // after db_: finalised before it closes
  int wal_pages_ = 0;
  int64_t commits_ = 0;
  absl::Time deadline_ = absl::InfiniteFuture();
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SQLITE_CONNECTION_H_
