// SQLite: readers side by side, one writer that shares its commits.

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/status_macros.h"
#include "common/base/steady_time.h"
#include "common/storage/database.h"
#include "common/storage/group_writer.h"
#include "common/storage/internal.h"
#include "common/storage/shipping.h"
#include "common/storage/sqlite_backup.h"
#include "common/storage/sqlite_connection.h"
#include "common/storage/sqlite_shipping.h"

namespace baliprocess::storage {
namespace {

// Pages in the log from which it is copied into the file, from which readers are made to let the
// log start over, and after which that is tried again (4 MB, 64 MB and 16 MB).
constexpr int kCheckpointPages = 1000;
constexpr int kRestartPages = 16'000;
constexpr int kRestartAgainPages = 4'000;
// How long the writer waits for readers of the log then: the longer, the more there is of it, so
// that readers who have little time don't let it grow for ever. No read lasts longer than
// Options::longest_read.
constexpr absl::Duration kRestartPatience = absl::Milliseconds(200);  // for each kRestartPages
constexpr absl::Duration kLongestRestartPatience = absl::Seconds(5);

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(connection) {}

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         const std::vector<Value>& params) override {
    std::vector<Row> rows;
    RETURN_IF_ERROR(Run(sql, params, &rows));
    return rows;
  }

  // Steps through the rows and stops.
  absl::StatusOr<std::vector<Row>> QueryUpTo(const ByteBudget& budget, std::string_view sql,
                                             const std::vector<Value>& params) override {
    std::vector<Row> rows;
    RETURN_IF_ERROR(Run(sql, params, &rows, budget.bytes));
    return rows;
  }

  absl::StatusOr<int64_t> Execute(std::string_view sql, const std::vector<Value>& params) override {
    const int64_t before = connection_.total_changes();
    RETURN_IF_ERROR(Run(sql, params, nullptr));
    // Statements that change no rows leave the last count as it was.
    return connection_.total_changes() == before ? 0 : connection_.last_changes();
  }

  absl::Status Send(std::string_view sql, const std::vector<Value>& params) override {
    return Run(sql, params, nullptr);
  }

  // Runs `work`, whose OK counts only if every statement succeeded.
  absl::Status Run(const Work& work) {
    absl::Status status = work(*this);
    return status.ok() ? first_error_.status() : status;
  }

 private:
  absl::Status Run(std::string_view sql, const std::vector<Value>& params, std::vector<Row>* rows,
                   int64_t max_bytes = std::numeric_limits<int64_t>::max()) {
    RETURN_IF_ERROR(first_error_.status());
    return first_error_.Record(connection_.Run(sql, params, rows, max_bytes));
  }

  SqliteConnection& connection_;
  FirstError first_error_;
};

// The readers: as many as ever read at once. The one used last is the next, its pages are warm.
// They aren't tied to threads: servers start and end threads as load comes and goes, and opening a
// file costs as much as a hundred reads.
class Readers {
 public:
  explicit Readers(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<std::unique_ptr<SqliteConnection>> Take() {
    {
      std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto reader = std::move(idle_.back());
        idle_.pop_back();
        return reader;
      }
    }
    return SqliteConnection::Open(path_, SqliteConnection::Use::kRead);
  }

  void Return(std::unique_ptr<SqliteConnection> reader) {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }

 private:
  const std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_;
};

// What the writer's thread does.
class Writer {
 public:
  Writer(std::unique_ptr<SqliteConnection> connection, CommitSignal& signal,
         std::shared_ptr<StoreNumbers> numbers)
      : connection_(std::move(connection)), signal_(signal), numbers_(std::move(numbers)) {}

  // Runs the batch in one transaction, each mutation in a savepoint of its own.
  std::vector<absl::Status> Run(const GroupWriter::Batch& batch) {
    std::vector<absl::Status> answers(batch.size());
    const absl::Status committed = Commit(batch, answers);
    // An error of the transaction is everybody's.
    if (!committed.ok()) std::fill(answers.begin(), answers.end(), committed);
    // A commit that failed is news too: it may have been made.
    signal_.Notify();
    return answers;
  }

  // From now on, what is committed is told; null: no more. Between two works.
  void ShipBy(ShippingQueue* shipping) { shipping_ = shipping; }

  // While a copy of the store is made, and when it was.
  void CopyBegins() { ++copies_; }
  void CopyEnds() { --copies_; }

  void Checkpoint() {
    const int pages = connection_->wal_pages();
    const absl::Cleanup noting = [this] { numbers_->wal_pages = connection_->wal_pages(); };
    if (pages < kRestartPages) restart_at_ = kRestartPages;
    if (pages < kCheckpointPages) return;
    if (shipping_ != nullptr && !shipping_->MayCheckpoint(pages)) return;
    const auto lock = HoldCommits();
    // The reader of a copy isn't waited for: it has all the time that it needs.
    const bool wait = pages >= restart_at_ && copies_ == 0;
    const SteadyTime begun = SteadyNow();
    connection_->Checkpoint(
        wait ? std::min(kRestartPatience * (pages / kRestartPages), kLongestRestartPatience)
             : absl::ZeroDuration());
    numbers_->checkpoints.Add(SteadyNow() - begun);
    // A reader that took too long isn't waited for after each commit.
    if (wait) restart_at_ = pages + kRestartAgainPages;
  }

 private:
  absl::Status Commit(const GroupWriter::Batch& batch, std::vector<absl::Status>& answers) {
    absl::Status status = connection_->Run("BEGIN IMMEDIATE");
    for (size_t i = 0; i < batch.size() && status.ok(); ++i) {
      status = RunOne(*batch[i], answers[i]);
    }
    if (status.ok()) status = EndTransaction();
    if (!status.ok() && connection_->in_transaction()) {
      // If even this fails, the next BEGIN will, too: nothing can be reported as done.
      (void)connection_->Run("ROLLBACK");
    }
    return status;
  }

  std::unique_lock<std::mutex> HoldCommits() {
    return shipping_ == nullptr ? std::unique_lock<std::mutex>() : shipping_->HoldCommits();
  }

  absl::Status EndTransaction() {
    const int64_t before = connection_->commits();
    const auto lock = HoldCommits();
    RETURN_IF_ERROR(connection_->Run("COMMIT"));
    if (shipping_ != nullptr && connection_->commits() != before) {
      shipping_->Committed(static_cast<uint32_t>(connection_->wal_pages()));
    }
    return absl::OkStatus();
  }

  // Runs one mutation in a savepoint. Its own error goes to `answer`; what is returned has ended
  // the transaction for all.
  absl::Status RunOne(const Work& work, absl::Status& answer) {
    RETURN_IF_ERROR(connection_->Run("SAVEPOINT mutation"));
    answer = SqliteTransaction(*connection_).Run(work);
    if (!connection_->in_transaction()) {
      // SQLite itself rolls everything back when the disk is full or failing.
      return StoreError(ErrorClass::kDisk,
                        absl::StrCat("the transaction was rolled back: ", answer.message()));
    }
    if (!answer.ok()) RETURN_IF_ERROR(connection_->Run("ROLLBACK TO mutation"));
    return connection_->Run("RELEASE mutation");
  }

  const std::unique_ptr<SqliteConnection> connection_;
  CommitSignal& signal_;
  const std::shared_ptr<StoreNumbers> numbers_;
  ShippingQueue* shipping_ = nullptr;
  int restart_at_ = kRestartPages;
  std::atomic<int> copies_ = 0;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const std::string& path, std::unique_ptr<SqliteConnection> writer,
                 const Options& options)
      : path_(path),
        longest_read_(options.longest_read),
        readers_(path),
        writer_(std::move(writer), signal_, options.numbers),
        group_writer_(
            {.run = [this](const GroupWriter::Batch& batch) { return writer_.Run(batch); },
             .answered = [this] { writer_.Checkpoint(); }},
            options.group_commit, options.numbers) {}

  // Ships what changes, from before the first work on.
  absl::Status Ship(const ShippingOptions& options) {
    ASSIGN_OR_RETURN(shipping_, SqliteShipping::Begin(path_, options, [this](bool begins) {
                       begins ? writer_.CopyBegins() : writer_.CopyEnds();
                     }));
    writer_.ShipBy(&shipping_->queue());
    return absl::OkStatus();
  }

  absl::Status Read(const Work& work) override {
    ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> reader, readers_.Take());
    reader->SetDeadline(absl::Now() + longest_read_);
    // The snapshot is that of the first SELECT; the transaction keeps it for the others.
    RETURN_IF_ERROR(reader->Run("BEGIN"));
    const absl::Status status = SqliteTransaction(*reader).Run(work);
    reader->SetDeadline(absl::InfiniteFuture());
    if (reader->in_transaction()) RETURN_IF_ERROR(reader->Run("COMMIT"));
    readers_.Return(std::move(reader));
    return status;
  }

  absl::Status ReadOne(const Work& work) override {
    ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> reader, readers_.Take());
    reader->SetDeadline(absl::Now() + longest_read_);
    SqliteTransaction statement(*reader);
    OneQuery query(statement);
    const absl::Status status = statement.Run([&](Transaction&) { return work(query); });
    readers_.Return(std::move(reader));
    return status;
  }

  // No other process has the file open.
  absl::Status Write(const Work& work) override { return group_writer_.Write(work); }

  // By a connection of its own, without the limit to the time of reads.
  absl::Status CopyTo(const Copy& copy) override {
    writer_.CopyBegins();
    const absl::Status status = CopyBySnapshot(copy);
    writer_.CopyEnds();
    return status;
  }

  uint64_t WaitForCommit(uint64_t seen, absl::Duration timeout) override {
    return signal_.Wait(seen, timeout);
  }

  void WakeWaiters() override { signal_.WakeAll(); }
  bool reads_are_local() const override { return true; }
  const Dialect& dialect() const override { return SqliteDialect(); }

  absl::Status Ping() override {
    return ReadOne([](Transaction& tx) { return tx.Query("SELECT 1").status(); });
  }

 private:
  absl::Status CopyBySnapshot(const Copy& copy) {
    ASSIGN_OR_RETURN(const auto reader,
                     SqliteConnection::Open(path_, SqliteConnection::Use::kRead));
    RETURN_IF_ERROR(reader->Run("BEGIN"));
    RETURN_IF_ERROR(reader->Run("SELECT 1 FROM sqlite_schema"));  // takes the snapshot
    if (copy.note) RETURN_IF_ERROR(SqliteTransaction(*reader).Run(copy.note));
    return CopySqlite(reader->handle(), copy.path, copy.give_up);
  }

  const std::string path_;
  const absl::Duration longest_read_;
  CommitSignal signal_;
  Readers readers_;
  Writer writer_;
  std::unique_ptr<SqliteShipping> shipping_;  // null: nothing is shipped
  GroupWriter group_writer_;                  // last: its thread ends before the rest goes
};

absl::StatusOr<std::unique_ptr<SqliteDatabase>> OpenFile(std::string_view path,
                                                         const Database::Options& options) {
  if (path.empty() || path == ":memory:") {
    return StoreError(ErrorClass::kOther, "the store must be a file");
  }
  // Absolute, so that the name is never taken for a `file:` URI.
  std::error_code error;
  const std::filesystem::path file = std::filesystem::absolute(path, error);
  if (error || !std::filesystem::is_directory(file.parent_path(), error)) {
    return StoreError(ErrorClass::kOther,
                      absl::StrCat("no such directory: ", file.parent_path().string()));
  }
  ASSIGN_OR_RETURN(auto writer,
                   SqliteConnection::Open(file.string(), SqliteConnection::Use::kWrite));
  return std::make_unique<SqliteDatabase>(file.string(), std::move(writer), options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(std::string_view path,
                                                     const Database::Options& options) {
  return OpenFile(path, options);
}

absl::StatusOr<std::unique_ptr<Database>> OpenShippedSqlite(std::string_view path,
                                                            const Database::Options& options,
                                                            const ShippingOptions& shipping) {
  ASSIGN_OR_RETURN(auto database, OpenFile(path, options));
  RETURN_IF_ERROR(database->Ship(shipping));
  return database;
}

}  // namespace baliprocess::storage
