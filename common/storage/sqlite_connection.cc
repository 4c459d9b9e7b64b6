#include "common/storage/sqlite_connection.h"

#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

// The VFS locks the file for this process and keeps the index of the write-ahead log on the heap:
// no -shm file, no system call to begin a read.
constexpr char kVfs[] = "unix-excl";

// How long a connection waits for another of this process.
constexpr int kBusyTimeoutMs = 10'000;

constexpr int kStepsBetweenLooks = 10'000;  // of SQLite's virtual machine: about a millisecond

Value ColumnValue(sqlite3_stmt* statement, int column) {
  // The pointer is fetched before the size: fetching may convert the value.
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      const int size = sqlite3_column_bytes(statement, column);
      return text == nullptr ? std::string() : std::string(text, size);
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const int size = sqlite3_column_bytes(statement, column);
      return data == nullptr ? Bytes{} : Bytes{std::string(data, size)};
    }
    default:
      return std::monostate();
  }
}

// The parameters outlive the statement's run, hence SQLITE_STATIC. An empty string's data() isn't
// null, so that it doesn't become NULL.
int BindValue(sqlite3_stmt* statement, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    int operator()(bool flag) const { return sqlite3_bind_int(statement, index, flag ? 1 : 0); }
    int operator()(const std::string& text) const {
      return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    int operator()(const Bytes& bytes) const {
      return sqlite3_bind_blob64(statement, index, bytes.data.data(), bytes.data.size(),
                                 SQLITE_STATIC);
    }
  };
  return std::visit(Binder{statement, index}, value);
}

}  // namespace

ErrorClass ClassOfSqlite(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return ErrorClass::kUnique;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
      return ErrorClass::kCheck;
    default:
      break;
  }
  switch (extended_code & 0xff) {
    case SQLITE_INTERRUPT:
      return ErrorClass::kTimeout;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorClass::kConflict;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      return ErrorClass::kDisk;
    default:
      return ErrorClass::kOther;
  }
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path,
                                                                         Use use) {
  // Memory statistics cost a process-wide lock per allocation. This takes effect only before the
  // library's first use; later it is refused, which does no harm.
  static std::once_flag configured;
  std::call_once(configured, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });

  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (use == Use::kWrite ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, kVfs);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db));
  if (code != SQLITE_OK) {
    return StoreError(ClassOfSqlite(code),
                      absl::StrCat("can't open the file ", path, ": ",
                                   db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db)));
  }
  const absl::Status status = connection->Configure(use);
  if (ClassOf(status) == ErrorClass::kConflict) {
    return StoreError(ErrorClass::kOther,
                      absl::StrCat("the file ", path, " is in use by another process"));
  }
  if (!status.ok()) {
    return StoreError(ClassOf(status),
                      absl::StrCat("can't use the file ", path, ": ", status.message()));
  }
  return connection;
}

absl::Status SqliteConnection::Configure(Use use) {
  // The writer comes first and takes the file's lock: it is told at once who else has it. From then
  // on only connections of this process compete, and those are waited for.
  if (use == Use::kRead) {
    sqlite3_busy_timeout(db_.get(), kBusyTimeoutMs);
    sqlite3_progress_handler(db_.get(), kStepsBetweenLooks, IsLate, this);
  }
  // A misspelt column in double quotes is an error, as elsewhere, and not a text.
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  // Pages in the file are read where they are mapped; the cache is for those in the log.
  for (const char* pragma :
       {"PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA case_sensitive_like=ON",
        "PRAGMA secure_delete=ON", "PRAGMA temp_store=MEMORY", "PRAGMA mmap_size=1073741824",
        // In KiB. There may be many readers, and each keeps what it has cached.
        use == Use::kRead ? "PRAGMA cache_size=-1024" : "PRAGMA cache_size=-8192"}) {
    RETURN_IF_ERROR(Run(pragma));
  }
  std::vector<Row> mode;
  RETURN_IF_ERROR(Run("PRAGMA journal_mode=WAL", {}, &mode));
  if (mode.size() != 1 || AsText(mode[0][0]) != "wal") {
    return StoreError(ErrorClass::kOther, "the file system doesn't allow a write-ahead log");
  }
  if (use == Use::kRead) return Run("PRAGMA query_only=ON");
  // Room in the log that it keeps when it starts over (64 MB).
  RETURN_IF_ERROR(Run("PRAGMA journal_size_limit=67108864"));

  RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
  RETURN_IF_ERROR(Run("COMMIT"));
  sqlite3_busy_timeout(db_.get(), kBusyTimeoutMs);
  // Replaces the checkpoint within COMMIT: the writer does it after it has answered.
  const auto note_pages = [](void* self, sqlite3*, const char*, int pages) {
    auto& connection = *static_cast<SqliteConnection*>(self);
    connection.wal_pages_ = pages;
    ++connection.commits_;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db_.get(), note_pages, this);
  return absl::OkStatus();
}

absl::Status SqliteConnection::LastError() const {
  return StoreError(ClassOfSqlite(sqlite3_extended_errcode(db_.get())), sqlite3_errmsg(db_.get()));
}

absl::StatusOr<sqlite3_stmt*> SqliteConnection::Prepared(std::string_view sql) {
  if (const Statement* found = statements_.Find(sql)) return found->get();
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, &tail);
  Statement statement(prepared);
  if (code != SQLITE_OK) return LastError();
  const std::string_view rest(tail, sql.data() + sql.size() - tail);
  if (prepared == nullptr || rest.find_first_not_of(" \t\n;") != std::string_view::npos) {
    return StoreError(ErrorClass::kOther, "not exactly one statement");
  }
  std::optional<Statement> evicted;
  return statements_.Insert(sql, std::move(statement), &evicted)->get();
}

int SqliteConnection::IsLate(void* connection) {
  return absl::Now() > static_cast<const SqliteConnection*>(connection)->deadline_ ? 1 : 0;
}

absl::Status SqliteConnection::Bind(sqlite3_stmt* statement, const std::vector<Value>& params) {
  if (sqlite3_bind_parameter_count(statement) != static_cast<int>(params.size())) {
    return StoreError(ErrorClass::kOther, "wrong number of parameters");
  }
  for (size_t i = 0; i < params.size(); ++i) {
    if (BindValue(statement, static_cast<int>(i) + 1, params[i]) != SQLITE_OK) return LastError();
  }
  return absl::OkStatus();
}

absl::Status SqliteConnection::Run(std::string_view sql, const std::vector<Value>& params,
                                   std::vector<Row>* rows, int64_t max_bytes) {
  ASSIGN_OR_RETURN(sqlite3_stmt* const statement, Prepared(sql));
  struct Resetter {
    sqlite3_stmt* statement;
    bool bound;
    ~Resetter() {
      sqlite3_reset(statement);
      if (bound) sqlite3_clear_bindings(statement);
    }
  } resetter{statement, !params.empty()};
  RETURN_IF_ERROR(Bind(statement, params));
  for (int64_t bytes = 0; bytes <= max_bytes;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return absl::OkStatus();
    if (code != SQLITE_ROW) return LastError();
    if (rows == nullptr) continue;
    const int columns = sqlite3_column_count(statement);
    Row& row = rows->emplace_back();
    row.reserve(columns);
    for (int i = 0; i < columns; ++i) {
      row.push_back(ColumnValue(statement, i));
      bytes += static_cast<int64_t>(AsBytes(row.back()).size());
    }
  }
  return absl::OkStatus();
}

void SqliteConnection::Checkpoint(absl::Duration patience) {
  const bool wait = patience > absl::ZeroDuration();
  const int mode = wait ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  sqlite3_busy_timeout(db_.get(), static_cast<int>(absl::ToInt64Milliseconds(patience)));
  int pages = 0;
  int done = 0;
  // Without waiting, it is OK as well when a reader of an old state kept the rest from the store.
  if (sqlite3_wal_checkpoint_v2(db_.get(), nullptr, mode, &pages, &done) == SQLITE_OK) {
    wal_pages_ = done == pages ? 0 : pages;
  }
  sqlite3_busy_timeout(db_.get(), kBusyTimeoutMs);
}

}  // namespace baliprocess::storage
