// A layer over a store that fails where a test says so.

#ifndef BALIPROCESS_COMMON_TESTING_FAULT_DATABASE_H_
#define BALIPROCESS_COMMON_TESTING_FAULT_DATABASE_H_

#include <atomic>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/storage/database.h"
#include "common/storage/database_layer.h"

namespace baliprocess::testing {

// Fails the n-th statement, or the n-th commit, from when it is told to; nothing until then and
// nothing after. What all threads do counts.
class FaultDatabase final : public storage::DatabaseLayer {
 public:
  // `error` is what faults answer; `below` outlives the layer.
  FaultDatabase(storage::Database& below, absl::Status error)
      : DatabaseLayer(below), error_(std::move(error)) {}

  // The n-th statement of Writes isn't run, and fails its transaction; 1 is the next.
  void FailStatement(int n) { statements_left_ = n; }

  // Likewise, of Reads. (An engine's background reads too, on PostgreSQL after each commit.)
  void FailRead(int n) { reads_left_ = n; }

  // The n-th Write whose work succeeds isn't committed.
  void FailCommit(int n) { commits_left_ = n; }

  // The n-th Write is committed, but who waits is told otherwise.
  void LoseAnswer(int n) { answers_left_ = n; }

  // Whether the fault has struck that was asked for last.
  bool struck() const {
    return statements_left_ <= 0 && reads_left_ <= 0 && commits_left_ <= 0 && answers_left_ <= 0;
  }

  // Nothing fails any more.
  void Heal() { statements_left_ = reads_left_ = commits_left_ = answers_left_ = 0; }

 private:
  // Counts down; whether it was the last.
  static bool Strikes(std::atomic<int>& left) { return left > 0 && --left == 0; }

  class FaultTransaction final : public storage::Transaction {
   public:
    FaultTransaction(FaultDatabase& layer, bool writes, storage::Transaction& below)
        : layer_(layer),
          left_(writes ? layer.statements_left_ : layer.reads_left_),
          below_(below) {}

    absl::StatusOr<std::vector<storage::Row>> Query(
        std::string_view sql, const std::vector<storage::Value>& params) override {
      if (Fails()) return status_;
      return below_.Query(sql, params);
    }
    absl::StatusOr<std::vector<storage::Row>> QueryUpTo(
        const storage::ByteBudget& budget, std::string_view sql,
        const std::vector<storage::Value>& params) override {
      if (Fails()) return status_;
      return below_.QueryUpTo(budget, sql, params);
    }
    absl::StatusOr<int64_t> Execute(std::string_view sql,
                                    const std::vector<storage::Value>& params) override {
      if (Fails()) return status_;
      return below_.Execute(sql, params);
    }
    absl::Status Send(std::string_view sql, const std::vector<storage::Value>& params) override {
      if (Fails()) return status_;
      return below_.Send(sql, params);
    }
    const absl::Status& status() const { return status_; }

   private:
    // A transaction that a statement has failed stays so.
    bool Fails() {
      if (Strikes(left_)) status_ = layer_.error_;
      return !status_.ok();
    }

    const FaultDatabase& layer_;
    std::atomic<int>& left_;
    storage::Transaction& below_;
    absl::Status status_;
  };

  absl::Status Run(Way way, const storage::Work& work) override {
    const absl::Status status = (below().*way)([&](storage::Transaction& tx) {
      FaultTransaction faulty(*this, Writes(way), tx);
      absl::Status done = work(faulty);
      if (!faulty.status().ok()) return faulty.status();
      if (done.ok() && Writes(way) && Strikes(commits_left_)) return error_;
      return done;
    });
    if (status.ok() && Writes(way) && Strikes(answers_left_)) return error_;
    return status;
  }

  const absl::Status error_;
  std::atomic<int> statements_left_ = 0;
  std::atomic<int> reads_left_ = 0;
  std::atomic<int> commits_left_ = 0;
  std::atomic<int> answers_left_ = 0;
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_COMMON_TESTING_FAULT_DATABASE_H_
