// PostgreSQL: reads side by side on a pool of connections, one writer that shares its commits and
// takes turns with those of other processes.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/group_writer.h"
#include "common/storage/internal.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_hosts.h"
#include "common/storage/postgres_listener.h"
#include "common/storage/postgres_pool.h"
#include "common/storage/postgres_transaction.h"

namespace baliprocess::storage {
namespace {

constexpr absl::Duration kFirstBackoff = absl::Milliseconds(2);
constexpr absl::Duration kLongestBackoff = absl::Milliseconds(200);
constexpr absl::Duration kPoll = absl::Seconds(1);

// Of one transaction. A server remembers up to 64 savepoints of each where they cost least.
constexpr size_t kMostInBatch = 60;

// A process that stops in the middle of a batch, frozen or cut off, must not keep the turn.
constexpr absl::Duration kLongestIdleInTurn = absl::Seconds(5);

// As a target to listen at.
constexpr char kNowhere[] = "none";

// Doubles from run to run, with a random part so that those who collided don't meet again.
void BackOff(int conflicts) {
  thread_local absl::BitGen random;
  const absl::Duration longest =
      std::min(kFirstBackoff * (1 << std::min(conflicts, 10)), kLongestBackoff);
  absl::SleepFor(longest * absl::Uniform(random, 0.0, 1.0));
}

// Durability relies on the first, whatever a role's, a database's or a session's setting is; levels
// of synchronous_commit that wait for standbys remain.
std::string Settings() {
  return absl::StrCat(
      "SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN"
      " ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, TRUE),"
      " set_config('idle_in_transaction_session_timeout', '",
      absl::ToInt64Milliseconds(kLongestIdleInTurn), "', TRUE)");
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::unique_ptr<PostgresHosts> hosts,
                   std::unique_ptr<PostgresHosts> listen_hosts, const Options& options)
      : max_retries_(options.max_retries),
        limit_(StatementLimit(options.longest_read)),
        settings_(Settings()),
        hosts_(std::move(hosts)),
        listen_hosts_(std::move(listen_hosts)),
        pool_(*hosts_, options),
        numbers_(options.numbers),
        writer_({.run = [this](const GroupWriter::Batch& batch) { return RunBatch(batch); },
                 .most = kMostInBatch},
                options.group_commit, options.numbers) {}

  // Finds out which engine it is and whether it will do, prepares what its dialect needs, listens.
  absl::Status Begin(const Options& options);

  absl::Status Read(const Work& work) override { return RunRead(Kind::kRead, work); }

  absl::Status ReadOne(const Work& work) override { return RunRead(Kind::kReadOne, work); }

  absl::Status Write(const Work& work) override { return writer_.Write(work); }

  uint64_t WaitForCommit(uint64_t seen, absl::Duration timeout) override {
    return signal_.Wait(seen, std::min(timeout, kPoll));
  }

  void WakeWaiters() override { signal_.WakeAll(); }
  absl::Status CopyTo(const Copy&) override {
    return absl::UnimplementedError(
        "a PostgreSQL store is copied by pg_dump, or by archives of its log");
  }

  bool reads_are_local() const override { return false; }
  const Dialect& dialect() const override { return *dialect_; }

  absl::Status Ping() override {
    return ReadOne([](Transaction& tx) { return tx.Query("SELECT 1").status(); });
  }

 private:
  enum class Kind { kRead, kReadOne };

  absl::Status RunRead(Kind kind, const Work& work) {
    return RunAgain([&](bool fresh, bool&) {
      return WithConnection(PostgresPool::Use::kRead, fresh, [&](PostgresConnection& connection) {
        // A statement alone would have no limit of its own on a session that others share.
        const bool one = kind == Kind::kReadOne && connection.direct();
        return one ? ReadStatement(connection, work) : ReadSnapshot(connection, kind, work);
      });
    });
  }

  absl::Status Prepare(std::string_view statement);
  std::vector<absl::Status> RunBatch(const GroupWriter::Batch& batch);
  void RunSingly(const GroupWriter::Batch& batch, std::vector<absl::Status>& answers);
  absl::Status RunTogether(const GroupWriter::Batch& batch, std::vector<absl::Status>& answers,
                           bool& had_turn);
  absl::Status Transact(PostgresConnection& connection, const GroupWriter::Batch& batch,
                        std::vector<absl::Status>& answers, bool& committing);
  absl::Status BeginWrite(PostgresConnection& connection);
  absl::Status ReadSnapshot(PostgresConnection& connection, Kind kind, const Work& work);
  static absl::Status ReadStatement(PostgresConnection& connection, const Work& work);

  // Runs `once` again after conflicts, and after a loss of the connection before the commit, once,
  // on a fresh one.
  template <typename Once>  // absl::Status(bool fresh, bool& committing)
  absl::Status RunAgain(const Once& once);

  template <typename Use>  // absl::Status(PostgresConnection&)
  absl::Status WithConnection(PostgresPool::Use kind, bool fresh, const Use& use);

  const int max_retries_;
  const std::string limit_;
  const std::string settings_;
  const Dialect* dialect_ = &PostgresDialect();
  CommitSignal signal_;
  const std::unique_ptr<PostgresHosts> hosts_;
  const std::unique_ptr<PostgresHosts> listen_hosts_;  // null: hosts_
  PostgresPool pool_;
  const std::shared_ptr<StoreNumbers> numbers_;
  // Last: their threads end before the rest goes.
  std::unique_ptr<PostgresListener> listener_;
  GroupWriter writer_;
};

template <typename Once>
absl::Status PostgresDatabase::RunAgain(const Once& once) {
  bool reconnected = false;
  bool fresh = false;
  for (int conflicts = 0;; ++conflicts) {
    bool committing = false;
    const absl::Status status = once(std::exchange(fresh, false), committing);
    switch (ClassOf(status)) {
      case ErrorClass::kConflict:
        if (conflicts >= max_retries_) return status;
        numbers_->conflicts.Add();
        BackOff(conflicts);
        break;
      case ErrorClass::kConnectionLost:
        // Before COMMIT nothing has been done. After it nobody knows.
        if (committing || reconnected) return status;
        numbers_->reconnects.Add();
        reconnected = fresh = true;
        break;
      default:
        return status;
    }
  }
}

template <typename Use>
absl::Status PostgresDatabase::WithConnection(PostgresPool::Use kind, bool fresh, const Use& use) {
  ASSIGN_OR_RETURN(PostgresPool::Opened opened, pool_.Take(kind, fresh));
  absl::Status status = use(*opened->connection);
  const bool lost = ClassOf(status) == ErrorClass::kConnectionLost;
  if (lost || !opened->connection->usable()) opened.reset();
  pool_.Give(kind, std::move(opened));
  return status;
}

absl::Status PostgresDatabase::ReadStatement(PostgresConnection& connection, const Work& work) {
  PostgresTransaction tx(connection, /*shared=*/false);
  OneQuery query(tx);
  return tx.Run([&](Transaction&) { return work(query); });
}

absl::Status PostgresDatabase::ReadSnapshot(PostgresConnection& connection, Kind kind,
                                            const Work& work) {
  RETURN_IF_ERROR(connection.Queue(dialect_->begin_read));
  if (!connection.direct()) RETURN_IF_ERROR(connection.Queue(limit_));
  PostgresTransaction tx(connection, /*shared=*/false);
  OneQuery query(tx);
  const absl::Status status =
      tx.Run([&](Transaction& all) { return kind == Kind::kReadOne ? work(query) : work(all); });
  // If it fails, the connection isn't usable, and closing it ends the transaction.
  const absl::Status ended = connection.Run(status.ok() ? "COMMIT" : "ROLLBACK");
  return status.ok() ? ended : status;
}

// A batch that fails as a whole is run again one by one: each has the answer that it has alone.
std::vector<absl::Status> PostgresDatabase::RunBatch(const GroupWriter::Batch& batch) {
  std::vector<absl::Status> answers(batch.size());
  bool had_turn = false;
  const absl::Status status = RunTogether(batch, answers, had_turn);
  // Alone it would fare no better.
  const bool hopeless =
      batch.size() == 1 || !had_turn || ClassOf(status) == ErrorClass::kConnectionLost;
  if (!status.ok() && hopeless) {
    // An answer may rest on what the batch did before.
    std::fill(answers.begin(), answers.end(), status);
  } else if (!status.ok()) {
    numbers_->split_batches.Add();
    RunSingly(batch, answers);
  }
  // A write that failed is news too: nobody knows whether it was made.
  signal_.Notify();
  if (listener_ != nullptr) listener_->Announce();
  return answers;
}

// Where the server or the turn is gone, those behind needn't wait for that again.
void PostgresDatabase::RunSingly(const GroupWriter::Batch& batch,
                                 std::vector<absl::Status>& answers) {
  bool goes_on = true;
  absl::Status last;
  for (size_t i = 0; i < batch.size(); ++i) {
    if (goes_on) {
      std::vector<absl::Status> answer(1);
      bool had_turn = false;
      last = RunTogether({batch[i]}, answer, had_turn);
      goes_on = had_turn && ClassOf(last) != ErrorClass::kConnectionLost;
      answers[i] = last.ok() ? answer[0] : last;
    } else {
      answers[i] = last;
    }
  }
}

absl::Status PostgresDatabase::RunTogether(const GroupWriter::Batch& batch,
                                           std::vector<absl::Status>& answers, bool& had_turn) {
  return RunAgain([&](bool fresh, bool& committing) {
    had_turn = false;
    return WithConnection(PostgresPool::Use::kWrite, fresh, [&](PostgresConnection& connection) {
      const absl::Status begun = BeginWrite(connection);
      had_turn = begun.ok();
      return begun.ok() ? Transact(connection, batch, answers, committing) : begun;
    });
  });
}

absl::Status PostgresDatabase::BeginWrite(PostgresConnection& connection) {
  connection.RestoreLimit();
  RETURN_IF_ERROR(connection.Queue(dialect_->begin_write));
  if (!connection.direct()) RETURN_IF_ERROR(connection.Queue(limit_));
  // Before anything reads: what is read afterwards is what was there at this process's turn. The
  // first work begins then, too: it may look at the clock.
  RETURN_IF_ERROR(connection.Queue(dialect_->take_turn));
  return connection.Run(settings_);
}

// All works one after another in one transaction. The error of a statement is everybody's.
absl::Status PostgresDatabase::Transact(PostgresConnection& connection,
                                        const GroupWriter::Batch& batch,
                                        std::vector<absl::Status>& answers, bool& committing) {
  absl::Status status;
  for (size_t i = 0; i < batch.size() && status.ok(); ++i) {
    PostgresTransaction tx(connection, /*shared=*/batch.size() > 1);
    answers[i] = tx.Run(*batch[i]);
    status = tx.status();
  }
  // Known to have succeeded before the commit is asked for: a loss up to here is a loss before it.
  if (status.ok()) status = connection.Flush();
  const bool refused = batch.size() == 1 && !answers[0].ok();
  if (!status.ok() || refused) {
    // If it fails, the connection isn't usable, and closing it rolls back.
    (void)connection.Run("ROLLBACK");
    return status;
  }
  committing = true;
  return connection.Commit();
}

absl::Status PostgresDatabase::Begin(const Options& options) {
  // Text must compare by bytes, as it does on SQLite: paging relies on it. What a language's
  // collation would sort otherwise tells, whoever provides it.
  std::string version;
  bool fits = false;
  RETURN_IF_ERROR(Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT version(), current_setting("
                                               "'server_encoding') = 'UTF8'"
                                               " AND 'B' < 'a' AND 'a-c' < 'ab' AND 'z' < 'é'"));
    if (rows.size() != 1) return StoreError(ErrorClass::kOther, "the store has no version");
    version = AsText(rows[0][0]);
    fits = AsInt(rows[0][1]) == 1;
    return absl::OkStatus();
  }));
  if (!fits) {
    return StoreError(ErrorClass::kOther,
                      "the database must be UTF-8 and compare text by bytes: create it with"
                      " ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0");
  }
  dialect_ = &DialectOfVersion(version);
  for (const std::string_view statement : PreparationOf(*dialect_)) {
    RETURN_IF_ERROR(Prepare(statement));
  }
  if (dialect_->listens && options.listen_target != kNowhere) {
    listener_ = std::make_unique<PostgresListener>(
        listen_hosts_ == nullptr ? *hosts_ : *listen_hosts_, signal_,
        [this] { return pool_.CheckGivingUp(); }, options.listened);
  }
  return absl::OkStatus();
}

absl::Status PostgresDatabase::Prepare(std::string_view statement) {
  return RunAgain([&](bool fresh, bool&) {
    const absl::Status status =
        WithConnection(PostgresPool::Use::kWrite, fresh,
                       [&](PostgresConnection& connection) { return connection.Run(statement); });
    // Two that create the same at once: one of them finds it there the next time.
    const bool raced = ClassOf(status) == ErrorClass::kUnique;
    return raced ? StoreError(ErrorClass::kConflict, Text(status.message())) : status;
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(std::string_view url,
                                                       const Database::Options& options) {
  ASSIGN_OR_RETURN(auto hosts, PostgresHosts::Of(std::string(url), options.password));
  std::unique_ptr<PostgresHosts> listen_hosts;
  if (!options.listen_target.empty() && options.listen_target != kNowhere) {
    ASSIGN_OR_RETURN(listen_hosts, PostgresHosts::OfOther(options.listen_target, options.password));
  }
  auto database =
      std::make_unique<PostgresDatabase>(std::move(hosts), std::move(listen_hosts), options);
  RETURN_IF_ERROR(database->Begin(options));
  return database;
}

}  // namespace baliprocess::storage
