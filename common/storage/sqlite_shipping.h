// The thread that ships what changes in a SQLite store. Not for use outside this folder.
//
// What a transaction commits stands in the write-ahead log, page by page, until the log is copied
// into the file (a checkpoint) and starts over. So the writer tells each commit, and makes no
// checkpoint before the log was shipped as far as it goes (shipping_queue.h); this thread copies
// the log's frames into segments. A chain begins with a copy of the store, of a snapshot between
// two commits, and ends with the process, or when the folder fails for so long that the log has
// become too long: then the log may start over, and another chain begins as soon as the folder
// allows it.

#ifndef BALIPROCESS_COMMON_STORAGE_SQLITE_SHIPPING_H_
#define BALIPROCESS_COMMON_STORAGE_SQLITE_SHIPPING_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/storage/shipped_chain_writer.h"
#include "common/storage/shipping.h"
#include "common/storage/shipping_queue.h"
#include "common/storage/sqlite_connection.h"
#include "common/storage/wal_reader.h"

namespace baliprocess::storage {

class SqliteShipping {
 public:
  // For a store whose writer is open and hasn't written yet. `copying` is told when a snapshot of
  // the store begins to be copied, and when that is over; it outlives this object.
  static absl::StatusOr<std::unique_ptr<SqliteShipping>> Begin(
      const std::string& store, const ShippingOptions& options,
      std::function<void(bool begins)> copying);
  // Ships what there is. The writer writes no more, and its connection is still open.
  ~SqliteShipping();
  SqliteShipping(const SqliteShipping&) = delete;
  SqliteShipping& operator=(const SqliteShipping&) = delete;

  // For the writer.
  ShippingQueue& queue() { return queue_; }

 private:
  static constexpr size_t kAll = std::numeric_limits<size_t>::max();

  // A state of the store, held by a connection that reads.
  struct Snapshot {
    std::unique_ptr<SqliteConnection> connection;
    uint32_t page_size = 0;
    ShippingQueue::Moment moment;
  };

  SqliteShipping(const std::string& store, const ShippingOptions& options, uint32_t last_frame,
                 std::function<void(bool)> copying);
  void Loop();
  absl::Status Work();
  void Attempted(const absl::Status& status);

  absl::StatusOr<Snapshot> PrepareSnapshot() const;
  absl::Status Take(Snapshot& snapshot, ShippingQueue::Purpose purpose,
                    const ShippingQueue::Take& besides);
  absl::Status BeginChain();
  void CloseChain();

  absl::Status ShipWaiting();
  absl::Status ShipFirst(size_t commits);
  absl::StatusOr<size_t> ShipOne(size_t most);
  absl::Status WriteRecords(const ShippingQueue::Batch& batch, ShippedFileWriter& file);

  bool CopyIsDue() const;
  void AddCopy();
  absl::Status ShipCopy(Snapshot snapshot);
  absl::Status CopyBesideStore(Snapshot snapshot);
  absl::Status BetweenPieces();
  void RemoveOld();

  const std::string store_;
  const ShippingOptions options_;
  const std::function<void(bool)> copying_;
  const absl::Time began_;
  const SteadyTime began_steadily_ = SteadyNow();
  ShippingQueue queue_;

  // Of the thread.
  std::unique_ptr<ShippedChainWriter> chain_;
  std::unique_ptr<WalReader> log_;
  SteadyTime next_copy_{};
  SteadyTime next_attempt_to_copy_{};
  SteadyTime next_removal_;
  bool failing_ = false;

  std::thread thread_;  // last: it uses the others
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SQLITE_SHIPPING_H_
