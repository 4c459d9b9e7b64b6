#include "common/storage/postgres_transaction.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

// So many statements and no more are kept before they are sent.
constexpr size_t kMostKept = 64;

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

bool ChangesSchema(std::string_view sql) {
  return sql.starts_with("CREATE ") || sql.starts_with("ALTER ") || sql.starts_with("DROP ");
}

}  // namespace

std::string StatementLimit(absl::Duration longest) {
  return absl::StrCat("SET LOCAL statement_timeout = ", absl::ToInt64Milliseconds(longest));
}

// Before the first statement that changes something.
absl::Status PostgresTransaction::QueueSavepoint() {
  if (!shared_ || std::exchange(has_savepoint_, true)) return absl::OkStatus();
  return connection_.Queue("SAVEPOINT mutation");
}

absl::Status PostgresTransaction::QueueKept() {
  if (kept_.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(QueueSavepoint());
  for (const Kept& kept : std::exchange(kept_, {})) {
    if (ChangesSchema(kept.sql)) RETURN_IF_ERROR(connection_.QueueNoLimit());
    RETURN_IF_ERROR(connection_.Queue(kept.sql, kept.params, {}));
  }
  return absl::OkStatus();
}

absl::Status PostgresTransaction::Await(std::string_view sql, const std::vector<Value>& params,
                                        const PostgresConnection::Results& results) {
  RETURN_IF_ERROR(first_error_.status());
  absl::Status status = QueueKept();
  if (status.ok() && !OnlyReads(sql)) status = QueueSavepoint();
  if (status.ok() && ChangesSchema(sql)) status = connection_.QueueNoLimit();
  const absl::Status queued = connection_.Queue(sql, params, results);
  if (status.ok()) status = queued;
  if (status.ok() && !end_.empty()) status = connection_.Queue(end_);
  const absl::Status run = connection_.Flush();
  return first_error_.Record(status.ok() ? run : status);
}

absl::StatusOr<std::vector<Row>> PostgresTransaction::Query(std::string_view sql,
                                                            const std::vector<Value>& params) {
  std::vector<Row> rows;
  RETURN_IF_ERROR(Await(sql, params, {.rows = &rows}));
  return rows;
}

absl::StatusOr<int64_t> PostgresTransaction::Execute(std::string_view sql,
                                                     const std::vector<Value>& params) {
  int64_t changed = 0;
  RETURN_IF_ERROR(Await(sql, params, {.changed = &changed}));
  return changed;
}

absl::Status PostgresTransaction::Send(std::string_view sql, const std::vector<Value>& params) {
  RETURN_IF_ERROR(first_error_.status());
  kept_.push_back({std::string(sql), params});
  return kept_.size() < kMostKept ? absl::OkStatus() : first_error_.Record(QueueKept());
}

absl::Status PostgresTransaction::Run(const Work& work) {
  absl::Status status = work(*this);
  if (first_error_.status().ok()) first_error_.Record(End(status.ok())).IgnoreError();
  const ErrorClass error_class = ClassOf(first_error_.status());
  const bool run_again =
      error_class == ErrorClass::kConflict || error_class == ErrorClass::kConnectionLost;
  return status.ok() || run_again ? first_error_.status() : status;
}

// Queues the rest of what the work did, or undoes what was queued of it.
absl::Status PostgresTransaction::End(bool done) {
  if (done) RETURN_IF_ERROR(QueueKept());
  kept_.clear();
  if (!has_savepoint_) return absl::OkStatus();
  if (!done) RETURN_IF_ERROR(connection_.Queue("ROLLBACK TO SAVEPOINT mutation"));
  return connection_.Queue("RELEASE SAVEPOINT mutation");
}

// The server adds up the sizes in the order of the rows, which it knows without reading the bytes,
// and sends no row past the budget.
absl::StatusOr<std::vector<Row>> PostgresTransaction::QueryUpTo(const ByteBudget& budget,
                                                                std::string_view sql,
                                                                const std::vector<Value>& params) {
  std::vector<Value> all = params;
  all.emplace_back(budget.bytes);
  ASSIGN_OR_RETURN(std::vector<Row> rows, Query(WithinBudget(budget, sql), all));
  for (Row& row : rows) row.pop_back();
  return rows;
}

}  // namespace baliprocess::storage
