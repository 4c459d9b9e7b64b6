// PostgreSQL: a bounded pool of connections, transactions that are run again after conflicts.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/internal.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_listener.h"

namespace baliprocess::storage {
namespace {

constexpr Dialect kDialect = {
    .current_epoch = "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)",
    .epoch_horizon = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)",
    .epoch_ceiling = "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)",
    .serial_primary_key = "BIGSERIAL PRIMARY KEY",
    .concatenate = "string_agg",
    .find_bytes = "pg_catalog.\"position\"",
};

// What isn't begun as one that writes can't: ReadOne.
constexpr char kBeginWrite[] = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";

// One snapshot for all statements. Serialisable reads would cost predicate locks and could fail
// with a conflict or make a writer fail; a snapshot does neither, and is what Read promises.
constexpr char kBeginRead[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// The suite's own number among a database's advisory locks. The lock is the session's, not the
// transaction's: a transaction would take its snapshot before it waits, and then see the schema as
// it was. Closing the session releases it.
// What is done under it may take long.
constexpr char kLockExclusive[] =
    "SET statement_timeout = 0; SELECT pg_advisory_lock(7310859437822)";

constexpr absl::Duration kFirstBackoff = absl::Milliseconds(2);
constexpr absl::Duration kLongestBackoff = absl::Milliseconds(200);
constexpr std::chrono::seconds kPoolTimeout(10);
constexpr absl::Duration kPoll = absl::Seconds(1);

// The rows of `sql` up to the one that exceeds the budget, which is the last parameter; their last
// column isn't of `sql`.
std::string WithinBudget(const ByteBudget& budget, std::string_view sql) {
  const std::string bytes =
      absl::StrJoin(budget.columns, " + ", [](std::string* out, std::string_view column) {
        out->append("COALESCE(LENGTH(").append(column).append("), 0)");
      });
  return absl::StrCat("SELECT * FROM (SELECT page.*, SUM(", bytes,
                      ") OVER (ROWS UNBOUNDED PRECEDING) - (", bytes, ") AS bytes_before FROM (",
                      absl::string_view(sql.data(), sql.size()),
                      ") AS page) AS summed WHERE bytes_before <= ?");
}

class PostgresTransaction final : public Transaction {
 public:
  explicit PostgresTransaction(PostgresConnection& connection) : connection_(connection) {}

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         const std::vector<Value>& params) override {
    RETURN_IF_ERROR(first_error_.status());
    std::vector<Row> rows;
    RETURN_IF_ERROR(first_error_.Record(connection_.Run(sql, params, &rows, nullptr)));
    return rows;
  }

  // The server adds up the sizes in the order of the rows, which it knows without reading the
  // bytes, and sends no row past the budget.
  absl::StatusOr<std::vector<Row>> QueryUpTo(const ByteBudget& budget, std::string_view sql,
                                             const std::vector<Value>& params) override {
    std::vector<Value> all = params;
    all.emplace_back(budget.bytes);
    ASSIGN_OR_RETURN(std::vector<Row> rows, Query(WithinBudget(budget, sql), all));
    for (Row& row : rows) row.pop_back();
    return rows;
  }

  absl::StatusOr<int64_t> Execute(std::string_view sql, const std::vector<Value>& params) override {
    RETURN_IF_ERROR(first_error_.status());
    int64_t changed = 0;
    RETURN_IF_ERROR(first_error_.Record(connection_.Run(sql, params, nullptr, &changed)));
    return changed;
  }

  // Runs `work`, whose OK counts only if every statement succeeded. What must be run again says so
  // itself, whatever `work` made of it.
  absl::Status Run(const Work& work) {
    absl::Status status = work(*this);
    const ErrorClass error_class = ClassOf(first_error_.status());
    const bool run_again =
        error_class == ErrorClass::kConflict || error_class == ErrorClass::kConnectionLost;
    return status.ok() || run_again ? first_error_.status() : status;
  }

 private:
  PostgresConnection& connection_;
  FirstError first_error_;
};

// At most `max` connections, opened when needed and kept. A quarter of them isn't for reads: long
// ones that take all others still leave writes their turn.
class Pool {
 public:
  enum class Use { kRead, kWrite };

  Pool(std::string url, const Database::Options& options)
      : url_(std::move(url)),
        max_(std::max(options.max_connections, 1)),
        max_reads_(max_ == 1 ? 1 : max_ - std::max(max_ / 4, 1)),
        settings_(absl::StrCat(
            "SET statement_timeout = ", absl::ToInt64Milliseconds(options.longest_read),
            "; SET default_transaction_read_only = on")) {}

  // A connection; with `fresh`, one just opened. Each that was taken must be given back.
  absl::StatusOr<std::unique_ptr<PostgresConnection>> Take(Use use, bool fresh) {
    std::unique_lock lock(mutex_);
    if (!WaitersFor(use).wait_for(lock, kPoolTimeout, [&] { return HasOne(use); })) {
      return StoreError(ErrorClass::kTimeout, "all connections are in use");
    }
    if (use == Use::kRead) ++reads_;
    // Found dead, a connection tells the same of those that have been idle.
    if (fresh) {
      open_ -= static_cast<int>(idle_.size());
      idle_.clear();
    }
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    ++open_;
    lock.unlock();
    auto connection = PostgresConnection::Open(url_);
    const absl::Status status =
        connection.ok() ? (*connection)->Command(settings_.c_str()) : connection.status();
    if (status.ok()) return connection;
    Give(use, nullptr);
    return status;
  }

  // Takes a connection back; nullptr makes room for another.
  void Give(Use use, std::unique_ptr<PostgresConnection> connection) {
    std::lock_guard lock(mutex_);
    if (use == Use::kRead) --reads_;
    if (connection == nullptr) {
      --open_;
    } else {
      idle_.push_back(std::move(connection));
    }
    // Whoever of the two comes first has it.
    WaitersFor(Use::kWrite).notify_one();
    WaitersFor(Use::kRead).notify_one();
  }

 private:
  std::condition_variable& WaitersFor(Use use) { return returned_[static_cast<int>(use)]; }

  bool HasOne(Use use) const {
    if (use == Use::kRead && reads_ >= max_reads_) return false;
    return !idle_.empty() || open_ < max_;
  }

  const std::string url_;
  const int max_;
  const int max_reads_;
  const std::string settings_;
  std::mutex mutex_;
  std::condition_variable returned_[2];  // by Use
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  int open_ = 0;   // idle, taken, and being opened
  int reads_ = 0;  // taken for reads
};

// Doubles from run to run, with a random part so that those who collided don't meet again.
void BackOff(int conflicts) {
  thread_local absl::BitGen random;
  const absl::Duration longest =
      std::min(kFirstBackoff * (1 << std::min(conflicts, 10)), kLongestBackoff);
  absl::SleepFor(longest * absl::Uniform(random, 0.0, 1.0));
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const std::string& url, const Options& options)
      : max_retries_(options.max_retries),
        pool_(url, options),
        listener_(url, signal_, options.listened) {}

  absl::Status Read(const Work& work) override { return RunAgain(Kind::kRead, work); }

  absl::Status ReadOne(const Work& work) override { return RunAgain(Kind::kReadOne, work); }

  absl::Status Write(const Work& work) override { return Announced(RunAgain(Kind::kWrite, work)); }

  absl::Status WriteExclusive(const Work& work) override {
    return Announced(RunAgain(Kind::kExclusive, work));
  }

  uint64_t WaitForCommit(uint64_t seen, absl::Duration timeout) override {
    return signal_.Wait(seen, std::min(timeout, kPoll));
  }

  void WakeWaiters() override { signal_.WakeAll(); }
  bool reads_are_local() const override { return false; }
  const Dialect& dialect() const override { return PostgresDialect(); }

  absl::Status Ping() override {
    return ReadOne([](Transaction& tx) { return tx.Query("SELECT 1").status(); });
  }

 private:
  enum class Kind { kRead, kReadOne, kWrite, kExclusive };

  // A write that failed is news, too: its transaction may have held back the horizon for others
  // that have committed since it began.
  absl::Status Announced(absl::Status status) {
    signal_.Notify();
    listener_.Announce();
    return status;
  }

  absl::Status RunAgain(Kind kind, const Work& work) {
    bool reconnected = false;
    bool fresh = false;
    for (int conflicts = 0;; ++conflicts) {
      bool committing = false;
      absl::Status status = RunOnce(kind, work, std::exchange(fresh, false), committing);
      switch (ClassOf(status)) {
        case ErrorClass::kConflict:
          if (conflicts >= max_retries_) return status;
          BackOff(conflicts);
          break;
        case ErrorClass::kConnectionLost:
          // Before COMMIT nothing has been done. After it nobody knows.
          if (committing || reconnected) return status;
          reconnected = fresh = true;
          break;
        default:
          return status;
      }
    }
  }

  absl::Status RunOnce(Kind kind, const Work& work, bool fresh, bool& committing) {
    const bool reads = kind == Kind::kRead || kind == Kind::kReadOne;
    const Pool::Use use = reads ? Pool::Use::kRead : Pool::Use::kWrite;
    ASSIGN_OR_RETURN(std::unique_ptr<PostgresConnection> connection, pool_.Take(use, fresh));
    absl::Status status = Transact(*connection, kind, work, committing);
    const bool lost = ClassOf(status) == ErrorClass::kConnectionLost;
    if (lost || !connection->usable() || kind == Kind::kExclusive) connection.reset();
    pool_.Give(use, std::move(connection));
    return status;
  }

  static absl::Status Transact(PostgresConnection& connection, Kind kind, const Work& work,
                               bool& committing) {
    PostgresTransaction tx(connection);
    if (kind == Kind::kReadOne) {
      OneQuery query(tx);
      return tx.Run([&](Transaction&) { return work(query); });
    }
    if (kind == Kind::kExclusive) RETURN_IF_ERROR(connection.Command(kLockExclusive));
    RETURN_IF_ERROR(connection.Command(kind == Kind::kRead ? kBeginRead : kBeginWrite));
    absl::Status status = tx.Run(work);
    if (!status.ok()) {
      // If it fails, the connection isn't usable, and closing it rolls back.
      (void)connection.Command("ROLLBACK");
      return status;
    }
    committing = kind != Kind::kRead;
    return connection.Commit();
  }

  const int max_retries_;
  CommitSignal signal_;
  Pool pool_;
  PostgresListener listener_;  // last: its thread ends before the signal goes
};

// Text must compare by bytes, as it does on SQLite: paging relies on it. What a language's
// collation would sort otherwise tells, whoever provides it.
absl::Status CheckDatabase(Database& database) {
  return database.Read([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT current_setting('server_encoding') = 'UTF8'"
                                               " AND 'B' < 'a' AND 'a-c' < 'ab' AND 'z' < 'é'"));
    if (rows.size() == 1 && AsInt(rows[0][0]) == 1) return absl::OkStatus();
    return StoreError(ErrorClass::kOther,
                      "the database must be UTF-8 and compare text by bytes: create it with"
                      " ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0");
  });
}

}  // namespace

const Dialect& PostgresDialect() { return kDialect; }

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(std::string_view url,
                                                       const Database::Options& options) {
  // Checked here because the driver's message would quote the URL, and with it a password.
  PQconninfoOption* const parsed = PQconninfoParse(std::string(url).c_str(), nullptr);
  if (parsed == nullptr) return StoreError(ErrorClass::kOther, "the URL of the store is malformed");
  PQconninfoFree(parsed);

  auto database = std::make_unique<PostgresDatabase>(std::string(url), options);
  RETURN_IF_ERROR(CheckDatabase(*database));
  return database;
}

}  // namespace baliprocess::storage
