// What both engines share. Not for use outside this folder.

#ifndef BALIPROCESS_COMMON_STORAGE_INTERNAL_H_
#define BALIPROCESS_COMMON_STORAGE_INTERNAL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/store_error.h"

namespace baliprocess::storage {

// Remembers the first error of a transaction. A statement that failed has failed its transaction,
// on both engines: PostgreSQL has aborted it, and SQLite isn't to behave otherwise.
class FirstError {
 public:
  const absl::Status& status() const { return status_; }
  absl::Status Record(absl::Status status) {
    if (status_.ok()) status_ = status;
    return status;
  }

 private:
  absl::Status status_;
};

// Abseil's view as one of the standard library.
inline std::string_view Text(absl::string_view text) { return {text.data(), text.size()}; }

// Whether the statement is one that only reads: the suite's WITHs are of SELECTs.
inline bool OnlyReads(std::string_view sql) {
  return sql.starts_with("SELECT") || sql.starts_with("WITH");
}

// What the work of a ReadOne is given: lets one Query through, of a SELECT.
class OneQuery final : public Transaction {
 public:
  explicit OneQuery(Transaction& tx) : tx_(tx) {}

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         const std::vector<Value>& params) override {
    RETURN_IF_ERROR(Check(sql));
    return tx_.Query(sql, params);
  }

  absl::StatusOr<std::vector<Row>> QueryUpTo(const ByteBudget& budget, std::string_view sql,
                                             const std::vector<Value>& params) override {
    RETURN_IF_ERROR(Check(sql));
    return tx_.QueryUpTo(budget, sql, params);
  }

  absl::StatusOr<int64_t> Execute(std::string_view, const std::vector<Value>&) override {
    return NoQuery();
  }
  absl::Status Send(std::string_view, const std::vector<Value>&) override { return NoQuery(); }

 private:
  static absl::Status NoQuery() { return StoreError(ErrorClass::kOther, "ReadOne is for a Query"); }

  absl::Status Check(std::string_view sql) {
    if (std::exchange(done_, true)) {
      return StoreError(ErrorClass::kOther, "ReadOne is for one Query");
    }
    return OnlyReads(sql) ? absl::OkStatus()
                          : StoreError(ErrorClass::kOther, "ReadOne is for a SELECT");
  }

  Transaction& tx_;
  bool done_ = false;
};

// What WaitForCommit waits on. Tickets count signals and start at 1, so that ticket 0 never blocks.
class CommitSignal {
 public:
  void Notify();
  uint64_t Wait(uint64_t seen, absl::Duration timeout);
  void WakeAll();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t count_ = 1;
  bool wake_all_ = false;
};

// The statements prepared on a connection, by their SQL; those unused the longest make room.
template <typename Statement>
class StatementCache {
 public:
  // The engine composes statements from a caller's filters, so their number must have a bound.
  static constexpr size_t kCapacity = 256;

  // The statement, or nullptr. It stays valid until the next call of Insert or Erase.
  Statement* Find(std::string_view sql) {
    auto found = by_sql_.find(absl::string_view(sql.data(), sql.size()));
    if (found == by_sql_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  // Forgets a statement.
  void Erase(std::string_view sql) {
    const auto found = by_sql_.find(absl::string_view(sql.data(), sql.size()));
    if (found == by_sql_.end()) return;
    const auto entry = found->second;
    by_sql_.erase(found);
    entries_.erase(entry);
  }

  // Adds a statement that isn't there yet; `evicted` receives the one that made room, if any.
  Statement* Insert(std::string_view sql, Statement statement, std::optional<Statement>* evicted) {
    if (entries_.size() >= kCapacity) {
      auto& last = entries_.back();
      *evicted = std::move(last.second);
      by_sql_.erase(last.first);
      entries_.pop_back();
    }
    entries_.emplace_front(std::string(sql), std::move(statement));
    by_sql_.emplace(entries_.front().first, entries_.begin());
    return &entries_.front().second;
  }

 private:
  using Entries = std::list<std::pair<std::string, Statement>>;
  Entries entries_;
  absl::flat_hash_map<absl::string_view, typename Entries::iterator> by_sql_;  // into entries_
};

const Dialect& SqliteDialect();
const Dialect& PostgresDialect();

// That of an engine that speaks PostgreSQL's protocol and answers `SELECT version()` so.
const Dialect& DialectOfVersion(std::string_view version);

// Statements, each a transaction of its own, that make what the dialect's own statements need; they
// may be repeated. Processes that start at the same moment may get in each other's way.
const std::vector<std::string_view>& PreparationOf(const Dialect& dialect);

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(std::string_view path,
                                                     const Database::Options& options);
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(std::string_view url,
                                                       const Database::Options& options);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_INTERNAL_H_
