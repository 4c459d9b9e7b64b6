// How many resources a store has and how they change, by type, for whoever looks after the record.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_RECORD_NUMBERS_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_RECORD_NUMBERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/base/clock.h"
#include "common/base/counts.h"
#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"
#include "common/telemetry/families.h"

namespace baliprocess::resource {

// The changes that a transaction has made.
using ChangesMade = std::vector<std::pair<const ResourceType*, common::v1::Change::Kind>>;

// Safe for many threads.
class RecordNumbers {
 public:
  // The registry and the clock, which nobody sets, outlive this object.
  RecordNumbers(const Registry& registry, const Clock& since_start);

  // A transaction that made these was committed.
  void AddChanges(const ChangesMade& changes);

  // Whether it is time to count: at once, and later as PauseAfter says.
  bool IsDue() const { return clock_.Now() >= next_count_; }

  // Counts the live resources of each type, which reads whole tables: each in a transaction of its
  // own.
  absl::Status Count(storage::Database& database);

  // How long to wait after a count that took so long: a hundred times as long, ten minutes at
  // least and half an hour at most.
  static absl::Duration PauseAfter(absl::Duration took);

  void AddMetrics(telemetry::Families& families) const;

 private:
  static constexpr size_t kKinds = common::v1::Change::Kind_ARRAYSIZE;
  struct Numbers {
    std::string type;                   // `Member`
    std::atomic<int64_t> records = -1;  // -1: not counted yet
    std::array<SharedCount, kKinds> changes;
  };
  absl::Status CountType(const ResourceType& type, storage::Database& database);

  const Clock& clock_;
  std::atomic<absl::Time> next_count_ = absl::InfinitePast();
  std::map<const ResourceType*, Numbers> by_type_;  // all types, from the start
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_RECORD_NUMBERS_H_
