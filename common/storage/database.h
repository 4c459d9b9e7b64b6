// The one interface to a relational store. Two engines stand behind it: SQLite (a file, one
// process) and PostgreSQL (shared by replicas). The same contract tests hold both to it.
//
// SQL is the common subset of both: upsert, RETURNING, partial and expression indexes, recursive
// CTEs, windows, TRUE/FALSE, row-value comparison, transactional DDL; column types TEXT, BIGINT,
// DOUBLE PRECISION, BOOLEAN, BYTEA. Parameters are written `?` and always bound. Text compares by
// bytes. Times are BIGINT microseconds since 1970 (UTC).

#ifndef BALIPROCESS_COMMON_STORAGE_DATABASE_H_
#define BALIPROCESS_COMMON_STORAGE_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/store_numbers.h"

namespace baliprocess::storage {

// Bytes that aren't text: a BYTEA column or parameter.
struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

// A parameter or a column of a result. monostate is NULL. BOOLEAN reads back as int64 0 or 1 on
// both engines.
using Value = std::variant<std::monostate, int64_t, double, bool, std::string, Bytes>;

// One row of a result, columns in the order of the SELECT.
using Row = std::vector<Value>;

// Convenience readers: NULL reads as 0 and "". Reading a value as another type than the
// column's is a defect and reads as the zero of the type asked for.
int64_t AsInt(const Value& value);
const std::string& AsText(const Value& value);
const std::string& AsBytes(const Value& value);
inline bool IsNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// What went wrong in the store. Statuses from this layer carry it as a payload; their messages are
// the driver's words, for the log and never for callers.
enum class ErrorClass {
  kNone,            // not an error of the store
  kUnique,          // a unique constraint
  kCheck,           // a check or not-null constraint
  kConflict,        // serialisation failure or deadlock: the transaction may be run again
  kTimeout,         // a read took too long, or no connection came free; nothing was done
  kConnectionLost,  // the server went away; whether a commit under way took effect is unknown
  kDisk,            // the disk is full or fails, or memory is short; reads may go on. What was to
                    // be written wasn't, or, when a commit failed, it may have been
  kOther,           // syntax, corruption
};
ErrorClass ClassOf(const absl::Status& status);

// How much of a result is wanted.
struct ByteBudget {
  std::vector<std::string_view> columns;  // all BYTEA columns of the SELECT, by name
  int64_t bytes = 0;                      // that they may hold
};

// A running transaction. Used by one thread at a time; valid only within the function it was
// given to. A statement that fails has failed the transaction: later statements answer its error,
// and it rolls back even if the function returns OK. (PostgreSQL allows nothing else.) Where a
// conflict is to be passed over, say ON CONFLICT.
//
// On PostgreSQL a parameter has the type of its value, and a NULL takes its type from where it
// stands: `? IS NULL` alone needs a CAST. Text with a NUL is an error there.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Runs a statement and returns its rows. Statements are prepared once per connection and kept.
  virtual absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                                 const std::vector<Value>& params = {}) = 0;

  // Runs a SELECT and returns its first rows: up to and including the row whose bytes exceed the
  // budget, or all rows. The bytes of later rows aren't read, so a result holds at most the budget
  // and one row more, whatever the SELECT would yield.
  virtual absl::StatusOr<std::vector<Row>> QueryUpTo(const ByteBudget& budget, std::string_view sql,
                                                     const std::vector<Value>& params = {}) = 0;

  // Runs a statement and returns the number of rows it changed.
  virtual absl::StatusOr<int64_t> Execute(std::string_view sql,
                                          const std::vector<Value>& params = {}) = 0;

  // Runs a statement whose count nobody asks for. On PostgreSQL it is sent later, together with the
  // next Query or at the end of the work, and saves its round trip. Its error may come later, too:
  // with that Query, or when the transaction is to commit. In order with all other statements.
  virtual absl::Status Send(std::string_view sql, const std::vector<Value>& params = {}) = 0;
};

// What a transaction does. An error rolls back. It may be run more than once (after a conflict), so
// it must start afresh each time and touch nothing outside but its own results.
using Work = std::function<absl::Status(Transaction&)>;

// Where the engines differ in SQL. dialect.cc has one for each.
struct Dialect {
  // For logs: `SQLite`, `PostgreSQL`.
  std::string_view engine;

  // How a transaction that writes begins: two statements, the first may be BEGIN. When both have
  // been answered no other process of the suite writes, until the transaction ends, and what it
  // reads is what the others have committed. Empty on SQLite, which one process has for itself.
  std::string_view begin_write;
  std::string_view take_turn;

  // How a transaction that reads one snapshot begins. Empty on SQLite.
  std::string_view begin_read;

  // A SQL expression of type TEXT that differs when another server, or the server started anew,
  // answers for the store: it may have another history (resource/store/history.h).
  std::string_view server;

  // The type of a column that numbers rows as they are inserted: `BIGSERIAL PRIMARY KEY` or
  // `INTEGER PRIMARY KEY AUTOINCREMENT`. Numbers that a transaction gives out are higher than those
  // of all transactions before it, as those that write take turns.
  std::string_view serial_primary_key;

  // The aggregate that joins texts: `NAME(text, separator)`, in no order but that of the rows.
  std::string_view concatenate;

  // A condition: whether a BYTEA column, for which `@` stands, has the bytes of its parameter in
  // it.
  std::string_view contains_bytes;

  // Whether other processes' commits can be heard of (LISTEN and NOTIFY).
  bool listens = false;

  // Whether changes of the schema are committed each by itself, whatever transaction they are in,
  // so that a process that ends in the middle leaves some of them made. Columns may be added IF NOT
  // EXISTS then.
  bool schema_changes_commit_alone = false;
};

// The dialect of the engine that Database::Open would choose for `target`.
const Dialect& DialectOf(std::string_view target);

class Database {
 public:
  virtual ~Database() = default;

  // Opens a store: a path is a SQLite file (created when absent, `:memory:` isn't supported), a URL
  // that starts with `postgresql://` or `postgres://` a PostgreSQL database, which must be UTF-8
  // and compare text by bytes. The URL may name several hosts: the one that accepts writes is used.
  // A SQLite file belongs to one process and one Database at a time.
  struct Options {
    // PostgreSQL: the most connections, two at least; one of them isn't for reads. SQLite has as
    // many readers as there are Reads at once.
    int max_connections = 16;
    // How often a transaction is run again after a conflict before it answers kConflict.
    int max_retries = 30;
    // How long a Read may take, and on PostgreSQL each statement of a Write, before it fails with
    // kTimeout: what takes longer was made to. Statements that change the schema have no limit.
    absl::Duration longest_read = absl::Seconds(10);
    // Commit after every mutation rather than for those that queue together. For the benchmark that
    // shows what grouping is worth; durability is the same.
    bool group_commit = true;
    // PostgreSQL: where commits of other processes are heard of, when that isn't the address of the
    // store: LISTEN needs a connection of its own, which a pooler doesn't give. `none`: nowhere,
    // and they are looked for each second.
    std::string listen_target = {};
    // PostgreSQL: told how it goes with hearing of the commits of other processes: OK whenever the
    // store begins to listen, and the error of each attempt that fails, one in 1 to 10 seconds.
    // From a thread of the store's; mustn't wait.
    std::function<void(const absl::Status& status)> listened = nullptr;
    // PostgreSQL: told that a host didn't answer, so that all connections to it were dropped.
    std::function<void(const absl::Status& why)> dropped = nullptr;
    // Asked about ten times a second by whatever waits for PostgreSQL: true ends all waits with
    // kConnectionLost. For a process that is to end.
    std::function<bool()> give_up = nullptr;
    // PostgreSQL: asked for the password whenever a connection is opened, instead of one in the
    // URL, so that it may change while the store is open. When the server refuses it, the password
    // that the server took last is tried: the two needn't change at one moment. Null: the URL, or
    // libpq's own ways.
    std::function<absl::StatusOr<std::string>()> password = nullptr;
    // Where the store counts.
    std::shared_ptr<StoreNumbers> numbers = std::make_shared<StoreNumbers>();
  };
  static absl::StatusOr<std::unique_ptr<Database>> Open(std::string_view target,
                                                        const Options& options);
  static absl::StatusOr<std::unique_ptr<Database>> Open(std::string_view target);

  // Runs `work` on a consistent snapshot that it can't change.
  virtual absl::Status Read(const Work& work) = 0;

  // Runs `work`, which makes one Query, a SELECT. A statement has a snapshot of its own, so this
  // does without the transaction: on PostgreSQL it is one round trip instead of three. Anything
  // more that `work` tries is an error.
  virtual absl::Status ReadOne(const Work& work) = 0;

  // Runs `work` durably and alone: OK means committed and on disk, and no other Write ran at the
  // same time, neither here nor in another process of the suite on this store. Blocks until then.
  // Transactions that wait together share one commit. Not to be called from within a Work.
  virtual absl::Status Write(const Work& work) = 0;

  // What CopyTo makes, and how.
  struct Copy {
    std::string path;  // of the new file
    // Reads, on the snapshot that is copied, what the copy is of. May be null.
    Work note = nullptr;
    // Asked before every MiB: true ends the copy with CANCELLED. May be null.
    std::function<bool()> give_up = nullptr;
  };
  // Copies the store to a file, as it is at one moment, while reads and writes go on: whatever was
  // committed before the call is in it. The file is a store that Open takes, readable by its owner
  // alone, and isn't synced to the disk. Where it fails, no file is left. UNIMPLEMENTED on
  // PostgreSQL, which has tools of its own: pg_dump, and archives of its log.
  virtual absl::Status CopyTo(const Copy& copy) = 0;

  // Blocks until a Write committed after the call with ticket `seen` began, or `timeout` passed;
  // returns a new ticket. Start with 0. May return early; a caller then looks and waits again. On
  // PostgreSQL, commits of other processes are noticed too (LISTEN/NOTIFY). Returns at once after
  // WakeWaiters.
  virtual uint64_t WaitForCommit(uint64_t seen, absl::Duration timeout) = 0;

  // Makes every WaitForCommit return, now and from now on: for shutdown.
  virtual void WakeWaiters() = 0;

  // Whether Read never waits on a network, so that a caller may run it on an event loop's thread.
  virtual bool reads_are_local() const = 0;

  virtual const Dialect& dialect() const = 0;

  // OK while the store answers: for health checks.
  virtual absl::Status Ping() = 0;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_DATABASE_H_
