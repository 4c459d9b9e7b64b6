// What operators do with the store of a service (baliprocess/operate/v1/store_service.proto).

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_SERVICE_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/resource/store/erasure_list.h"
#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

class StoreService {
 public:
  struct Options {
    std::string service;     // `membership`
    int schema_version = 1;  // see schema.h
    std::string target;      // the store, as Database::Open takes it
    // Outlives the service. Null: there is none.
    const ErasureList* erasure_list = nullptr;
    // How long a copy may take, until it has been sent.
    absl::Duration longest_copy = absl::Hours(1);
    // The bytes that are free where a file is, -1 when that can't be told.
    std::function<int64_t(const std::string& path)> free_bytes = FreeBytes;
    // Told of each copy that was sent to its end, on a thread that may wait for the store.
    std::function<void(absl::Time begin)> sent = [](absl::Time) {};
  };

  // Removes what a copy that was cut off has left. The registry and the database outlive it.
  StoreService(const Registry& registry, storage::Database& database, Options options);

  // The service outlives the table.
  rpc::MethodTable Methods();

  // The name of a copy while it is made.
  static std::string PathOfCopy(const std::string& store) { return store + ".backup-under-way"; }

 private:
  static int64_t FreeBytes(const std::string& path);
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> BackUp(const rpc::Call& call,
                                                            std::function<void()> wake);
  absl::Status CheckRoom() const;
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> ReadErasureList() const;

  const Registry& registry_;
  storage::Database& database_;
  const Options options_;
  // Whoever copies holds it: one at a time.
  std::weak_ptr<void> turn_;
  std::mutex mutex_;  // of turn_
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_SERVICE_H_
