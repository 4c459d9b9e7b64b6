#include "common/storage/observed_database.h"

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"

namespace baliprocess::storage {
namespace {

class ObservedTransaction final : public Transaction {
 public:
  ObservedTransaction(Transaction& below, StoreObserver& observer)
      : below_(below), observer_(observer) {}

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         const std::vector<Value>& params) override {
    const absl::Time start = absl::Now();
    auto rows = below_.Query(sql, params);
    observer_.StatementEnded(sql, absl::Now() - start, rows.status());
    return rows;
  }

  absl::StatusOr<std::vector<Row>> QueryUpTo(const ByteBudget& budget, std::string_view sql,
                                             const std::vector<Value>& params) override {
    const absl::Time start = absl::Now();
    auto rows = below_.QueryUpTo(budget, sql, params);
    observer_.StatementEnded(sql, absl::Now() - start, rows.status());
    return rows;
  }

  absl::StatusOr<int64_t> Execute(std::string_view sql, const std::vector<Value>& params) override {
    const absl::Time start = absl::Now();
    auto changed = below_.Execute(sql, params);
    observer_.StatementEnded(sql, absl::Now() - start, changed.status());
    return changed;
  }

  absl::Status Send(std::string_view sql, const std::vector<Value>& params) override {
    const absl::Time start = absl::Now();
    absl::Status sent = below_.Send(sql, params);
    observer_.StatementEnded(sql, absl::Now() - start, sent);
    return sent;
  }

 private:
  Transaction& below_;
  StoreObserver& observer_;
};

}  // namespace

absl::Status ObservedDatabase::Run(Way way, const Work& work) {
  const absl::Time start = absl::Now();
  absl::Status status = (below().*way)([&](Transaction& tx) {
    ObservedTransaction observed(tx, observer_);
    return work(observed);
  });
  const bool by_store = ClassOf(status) != ErrorClass::kNone;
  observer_.TransactionEnded(Writes(way), absl::Now() - start,
                             by_store ? status : absl::OkStatus());
  return status;
}

StoreCounters::Counts StoreCounters::Get() const {
  return {reads_.total(),
          writes_.total(),
          statements_.total(),
          failed_statements_.get(),
          failed_transactions_.get(),
          failed_listens_.get()};
}

void StoreCounters::StatementEnded(std::string_view, absl::Duration took,
                                   const absl::Status& status) {
  statements_.Add(took);
  if (!status.ok()) failed_statements_.Add();
}

void StoreCounters::TransactionEnded(bool write, absl::Duration took, const absl::Status& status) {
  (write ? writes_ : reads_).Add(took);
  if (!status.ok()) failed_transactions_.Add();
}

void StoreCounters::Listened(const absl::Status& status) {
  if (!status.ok()) failed_listens_.Add();
}

}  // namespace baliprocess::storage
