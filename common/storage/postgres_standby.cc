#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/storage/internal.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_hosts.h"
#include "common/storage/postgres_pool.h"
#include "common/storage/postgres_transaction.h"
#include "common/storage/standby.h"

namespace baliprocess::storage {
namespace {

constexpr absl::Duration kLongestMark = absl::Seconds(2);
// What a connection to a standby is waited for: the primary answers as well.
constexpr absl::Duration kLongestWait = absl::Milliseconds(250);

// Passes on the statements of a work, the first together with a question that was queued before it;
// nothing passes once the question was judged otherwise than OK.
class JudgedTransaction final : public Transaction {
 public:
  JudgedTransaction(Transaction& below, PostgresConnection& connection,
                    const Standby::Question& question)
      : below_(below), connection_(connection), question_(question) {}

  absl::Status QueueQuestion() {
    return connection_.Queue(question_.sql, question_.params, {.rows = &rows_});
  }

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         const std::vector<Value>& params) override {
    return Judged(below_.Query(sql, params));
  }
  absl::StatusOr<std::vector<Row>> QueryUpTo(const ByteBudget& budget, std::string_view sql,
                                             const std::vector<Value>& params) override {
    return Judged(below_.QueryUpTo(budget, sql, params));
  }
  absl::StatusOr<int64_t> Execute(std::string_view, const std::vector<Value>&) override {
    return ReadsOnly();
  }
  absl::Status Send(std::string_view, const std::vector<Value>&) override { return ReadsOnly(); }

  // The judgement of the question, whose rows must have come.
  const absl::Status& Judge() {
    if (!std::exchange(judged_, true)) judgement_ = question_.judge(rows_);
    return judgement_;
  }

 private:
  static absl::Status ReadsOnly() {
    return StoreError(ErrorClass::kOther, "a standby is for reads");
  }

  absl::StatusOr<std::vector<Row>> Judged(absl::StatusOr<std::vector<Row>> rows) {
    RETURN_IF_ERROR(rows.status());
    RETURN_IF_ERROR(Judge());
    return rows;
  }

  Transaction& below_;
  PostgresConnection& connection_;
  const Standby::Question& question_;
  std::vector<Row> rows_;
  bool judged_ = false;
  absl::Status judgement_;
};

class PostgresStandby final : public Standby {
 public:
  PostgresStandby(std::unique_ptr<PostgresHosts> primary, std::unique_ptr<PostgresHosts> standbys,
                  const Database::Options& options)
      : give_up_(options.give_up),
        limit_(StatementLimit(options.longest_read)),
        primary_hosts_(std::move(primary)),
        hosts_(std::move(standbys)),
        pool_(*hosts_, PoolOptions(options), kLongestWait) {}

  absl::Status Read(const Question& question, const Work& work) override {
    return Run(question, /*one=*/false, work);
  }
  absl::Status ReadOne(const Question& question, const Work& work) override {
    return Run(question, /*one=*/true, work);
  }
  absl::Status Mark(std::string_view sql, const std::vector<Value>& params) override;
  void Leave() override { hosts_->Leave(); }
  void Stop() override { stopped_ = true; }
  void Start() override { stopped_ = false; }

 private:
  Database::Options PoolOptions(Database::Options options) {
    options.give_up = [this] { return GivesUp(); };
    options.dropped = nullptr;
    options.numbers = std::make_shared<StoreNumbers>();
    return options;
  }
  bool GivesUp() const { return stopped_ || (give_up_ != nullptr && give_up_()); }
  absl::Status Run(const Question& question, bool one, const Work& work);
  absl::Status ReadOn(PostgresConnection& connection, const Question& question, bool one,
                      const Work& work);
  absl::Status CheckMark(absl::Duration waited) const;

  const std::function<bool()> give_up_;
  const std::string limit_;
  const std::unique_ptr<PostgresHosts> primary_hosts_;
  const std::unique_ptr<PostgresHosts> hosts_;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> lost_ = false;  // a connection since the last one was opened
  PostgresPool pool_;
  std::unique_ptr<PostgresConnection> primary_;  // null: to be opened
};

absl::Status PostgresStandby::Run(const Question& question, bool one, const Work& work) {
  absl::StatusOr<PostgresPool::Opened> taken =
      pool_.Take(PostgresPool::Use::kRead, lost_.exchange(false));
  // It is well, and has much to do.
  if (ClassOf(taken.status()) == ErrorClass::kTimeout) {
    return StoreError(ErrorClass::kConflict, "all connections to the standby are in use");
  }
  ASSIGN_OR_RETURN(PostgresPool::Opened opened, std::move(taken));
  absl::Status status = ReadOn(*opened->connection, question, one, work);
  const bool lost = ClassOf(status) == ErrorClass::kConnectionLost;
  if (lost) lost_ = true;
  if (lost || !opened->connection->usable()) opened.reset();
  pool_.Give(PostgresPool::Use::kRead, std::move(opened));
  return status;
}

absl::Status PostgresStandby::ReadOn(PostgresConnection& connection, const Question& question,
                                     bool one, const Work& work) {
  PostgresTransaction tx(connection, /*shared=*/false, one ? "COMMIT" : "");
  OneQuery query(tx);
  JudgedTransaction judged(one ? static_cast<Transaction&>(query) : tx, connection, question);
  RETURN_IF_ERROR(connection.Queue(PostgresDialect().begin_read));
  if (!connection.direct()) RETURN_IF_ERROR(connection.Queue(limit_));
  RETURN_IF_ERROR(judged.QueueQuestion());
  absl::Status status = tx.Run([&](Transaction&) { return work(judged); });
  // For a work that asked nothing.
  if (const absl::Status flushed = connection.Flush(); !flushed.ok()) status = flushed;
  if (ClassOf(status) == ErrorClass::kNone && !judged.Judge().ok()) status = judged.Judge();
  if (connection.usable()) return status;  // the transaction has ended
  // If it fails, the connection isn't usable, and closing it ends the transaction.
  const absl::Status ended = connection.Run(status.ok() ? "COMMIT" : "ROLLBACK");
  return status.ok() ? ended : status;
}

absl::Status PostgresStandby::CheckMark(absl::Duration waited) const {
  if (GivesUp()) return StoreError(ErrorClass::kConnectionLost, "the process is ending");
  if (waited < kLongestMark) return absl::OkStatus();
  return StoreError(ErrorClass::kConnectionLost, "the primary takes too long");
}

// After any failure on a new connection: the server may have become a standby.
absl::Status PostgresStandby::Mark(std::string_view sql, const std::vector<Value>& params) {
  const auto check = [this](absl::Duration waited) { return CheckMark(waited); };
  if (primary_ == nullptr) {
    ASSIGN_OR_RETURN(PostgresHosts::Opened opened, primary_hosts_->Open(check));
    primary_ = std::move(opened.connection);
    primary_->SetWaitCheck(check);
  }
  absl::Status status = primary_->Run(sql, params);
  if (!status.ok()) primary_.reset();
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Standby>> Standby::Open(const std::string& primary,
                                                       const std::string& standbys,
                                                       const Database::Options& options) {
  ASSIGN_OR_RETURN(auto primary_hosts, PostgresHosts::Of(primary, options.password));
  ASSIGN_OR_RETURN(auto hosts, PostgresHosts::OfOther(standbys, options.password, "standby"));
  return std::make_unique<PostgresStandby>(std::move(primary_hosts), std::move(hosts), options);
}

}  // namespace baliprocess::storage
