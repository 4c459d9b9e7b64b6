#include "common/resource/program/store_probe.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"

namespace baliprocess::resource {

using storage::Bytes;
using storage::ErrorClass;
using storage::Transaction;

absl::Status StoreProbe::Run(Way way, const storage::Work& work) {
  absl::Status status = (below().*way)(work);
  if (Writes(way) && storage::ClassOf(status) == ErrorClass::kDisk) ++failures_;
  return status;
}

absl::Status StoreProbe::Ping() {
  const uint64_t failures = failures_;
  if (failures == mended_) return below().Ping();
  RETURN_IF_ERROR(below().Write([](Transaction& tx) {
    // Another value each time, so that something is written.
    return tx
        .Execute(
            "INSERT INTO engine_state (key, value) VALUES ('probe', ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            {Bytes{RandomBytes(16)}})
        .status();
  }));
  mended_ = failures;  // not those that came meanwhile
  return absl::OkStatus();
}

}  // namespace baliprocess::resource
