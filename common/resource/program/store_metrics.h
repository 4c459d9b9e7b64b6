// The store's numbers as Prometheus reads them: those of common/storage/store_numbers.h and
// observed_database.h, and the sizes of SQLite's files.

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_METRICS_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_METRICS_H_

#include <memory>
#include <string>
#include <utility>

#include "common/storage/database.h"
#include "common/storage/observed_database.h"
#include "common/storage/store_numbers.h"
#include "common/telemetry/operators.h"

namespace baliprocess::resource {

class StoreMetrics final : public telemetry::Inspected {
 public:
  // `target`: as Database::Open takes it. The store and the counters outlive this object.
  StoreMetrics(std::string target, const storage::Database& store,
               std::shared_ptr<const storage::StoreNumbers> numbers,
               const storage::StoreCounters& counters)
      : target_(std::move(target)),
        store_(store),
        numbers_(std::move(numbers)),
        counters_(counters) {}

  void AddMetrics(telemetry::Families& families) const override;

 private:
  void AddTransactions(telemetry::Families& families) const;
  void AddWriter(telemetry::Families& families) const;
  void AddConnections(telemetry::Families& families) const;
  void AddFiles(telemetry::Families& families) const;

  const std::string target_;
  const storage::Database& store_;
  const std::shared_ptr<const storage::StoreNumbers> numbers_;
  const storage::StoreCounters& counters_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_METRICS_H_
