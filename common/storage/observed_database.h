// A layer that tells an observer of what is done to the store.

#ifndef BALIPROCESS_COMMON_STORAGE_OBSERVED_DATABASE_H_
#define BALIPROCESS_COMMON_STORAGE_OBSERVED_DATABASE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/base/counts.h"
#include "common/storage/database.h"
#include "common/storage/database_layer.h"

namespace baliprocess::storage {

// Told on the thread that used the store, and so by many at once. Must not wait.
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;

  // A statement has ended; one that was sent to PostgreSQL (Transaction::Send) has only been taken,
  // and its error is told of the statement that it comes with. A transaction that runs again after
  // a conflict tells of its statements again. Values of parameters are no one's business.
  virtual void StatementEnded(std::string_view sql, absl::Duration took,
                              const absl::Status& status) = 0;

  // A Read or a Write has ended, retries and commit included. `status` is OK as well when the work
  // itself refused: only what the store did counts.
  virtual void TransactionEnded(bool write, absl::Duration took, const absl::Status& status) = 0;

  // How it goes with hearing of the commits of other processes (Database::Options::listened).
  virtual void Listened(const absl::Status& status) = 0;
};

class ObservedDatabase final : public DatabaseLayer {
 public:
  // Both outlive the layer.
  ObservedDatabase(Database& below, StoreObserver& observer)
      : DatabaseLayer(below), observer_(observer) {}

 private:
  absl::Status Run(Way way, const Work& work) override;

  StoreObserver& observer_;
};

// Counts, for metrics.
class StoreCounters final : public StoreObserver {
 public:
  struct Counts {
    uint64_t reads = 0;
    uint64_t writes = 0;
    uint64_t statements = 0;
    uint64_t failed_statements = 0;
    uint64_t failed_transactions = 0;
    uint64_t failed_listens = 0;
  };
  Counts Get() const;

  const SharedDurations& reads() const { return reads_; }
  const SharedDurations& writes() const { return writes_; }
  const SharedDurations& statements() const { return statements_; }

  void StatementEnded(std::string_view sql, absl::Duration took,
                      const absl::Status& status) override;
  void TransactionEnded(bool write, absl::Duration took, const absl::Status& status) override;
  void Listened(const absl::Status& status) override;

 private:
  SharedDurations reads_;
  SharedDurations writes_;
  SharedDurations statements_;
  SharedCount failed_statements_;
  SharedCount failed_transactions_;
  SharedCount failed_listens_;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_OBSERVED_DATABASE_H_
