// A transaction on a PostgreSQL connection. Internal to common/storage.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_TRANSACTION_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_TRANSACTION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/database.h"
#include "common/storage/internal.h"
#include "common/storage/postgres_connection.h"

namespace baliprocess::storage {

// A statement: those of the transaction under way take so long at most. Settings are the
// transaction's own: on a session that a pooler shares another's would stand otherwise.
std::string StatementLimit(absl::Duration longest);

// What one Work does within a transaction that was begun on the connection and that it may share
// with others. Statements that nobody awaits are kept here until there is something to await, or
// the work is done: those of a work that refuses before then were never sent.
class PostgresTransaction final : public Transaction {
 public:
  // With `shared`, what the work has done is undone without the others' when it fails. With `end`,
  // a literal, the first statement that is awaited is the last, and that one travels behind it.
  PostgresTransaction(PostgresConnection& connection, bool shared, std::string_view end = {})
      : connection_(connection), shared_(shared), end_(end) {}

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         const std::vector<Value>& params) override;
  absl::StatusOr<std::vector<Row>> QueryUpTo(const ByteBudget& budget, std::string_view sql,
                                             const std::vector<Value>& params) override;
  absl::StatusOr<int64_t> Execute(std::string_view sql, const std::vector<Value>& params) override;
  absl::Status Send(std::string_view sql, const std::vector<Value>& params) override;

  // Runs `work`. What it returns is the work's own answer; status() tells whether the transaction
  // can go on. What must be run again says so itself, whatever `work` made of it.
  absl::Status Run(const Work& work);

  // The first error of a statement: it has failed the transaction, for all who share it.
  const absl::Status& status() const { return first_error_.status(); }

 private:
  struct Kept {
    std::string sql;
    std::vector<Value> params;
  };

  absl::Status QueueSavepoint();
  absl::Status QueueKept();
  absl::Status Await(std::string_view sql, const std::vector<Value>& params,
                     const PostgresConnection::Results& results);
  absl::Status End(bool done);

  PostgresConnection& connection_;
  const bool shared_;
  const std::string_view end_;
  FirstError first_error_;
  std::vector<Kept> kept_;
  bool has_savepoint_ = false;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_TRANSACTION_H_
