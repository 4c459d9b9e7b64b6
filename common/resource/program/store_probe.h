// Whether the store does its work, for health.

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_PROBE_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_PROBE_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"

#include "common/storage/database_layer.h"

namespace baliprocess::resource {

// A layer that notices when a write failed for the disk (storage::ErrorClass::kDisk). From then on
// its Ping writes a row of engine_state, and fails until that succeeds: a store that can be read
// but not written to isn't what its service needs, and whoever may choose should go to another
// replica. Until a write has failed, and once one has succeeded again, Ping only reads.
class StoreProbe final : public storage::DatabaseLayer {
 public:
  // `below` outlives the layer.
  explicit StoreProbe(storage::Database& below) : DatabaseLayer(below) {}

  absl::Status Ping() override;

 private:
  absl::Status Run(Way way, const storage::Work& work) override;

  std::atomic<uint64_t> failures_ = 0;  // of writes, for the disk
  std::atomic<uint64_t> mended_ = 0;    // so many of them were before a write of Ping's succeeded
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_PROBE_H_
