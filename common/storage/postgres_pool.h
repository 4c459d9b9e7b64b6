// The connections of a process to PostgreSQL. Internal to common/storage.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_POOL_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_POOL_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/database.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_hosts.h"

namespace baliprocess::storage {

// At most Options::max_connections, and two at least, opened when needed and kept. One of them
// isn't for reads: long ones that take all others still leave the writer its turn. Safe for use by
// many threads.
//
// Whoever waits for the server on one of them asks from time to time whether to go on: not when the
// process gives up, nor when the wait has its limit, nor when the host was found dead meanwhile.
class PostgresPool {
 public:
  enum class Use { kRead, kWrite };

  // How long a connection is waited for while all are in use.
  static constexpr absl::Duration kLongestWait = absl::Seconds(10);

  // `hosts` outlives the pool.
  PostgresPool(PostgresHosts& hosts, const Database::Options& options,
               absl::Duration longest_wait = kLongestWait);

  using Opened = std::unique_ptr<PostgresHosts::Opened>;

  // A connection; with `fresh`, one just opened. Each that was taken must be given back. When the
  // server has none left, one of the pool's own is waited for.
  absl::StatusOr<Opened> Take(Use use, bool fresh);

  // Takes a connection back; nullptr makes room for another.
  void Give(Use use, Opened opened);

  // What a wait for the server on no connection of the pool asks.
  absl::Status CheckGivingUp() const;

 private:
  absl::StatusOr<Opened> Open();
  absl::Status CheckWait(const PostgresHosts::Opened& opened, absl::Duration waited);
  std::condition_variable& WaitersFor(Use use) { return returned_[static_cast<int>(use)]; }
  bool HasOne(Use use, bool only_idle) const;
  absl::Status AwaitOne(Use use, bool only_idle, std::unique_lock<std::mutex>& lock);
  void DropDeadIdle();
  // After each change of how many there are; the lock is held.
  void NoteConnections();

  PostgresHosts& hosts_;
  const int max_;
  const int max_reads_;
  const absl::Duration limit_;
  const absl::Duration longest_wait_;
  const std::function<bool()> give_up_;
  const std::function<void(const absl::Status&)> dropped_;
  const std::string settings_;
  const std::shared_ptr<StoreNumbers> numbers_;
  std::mutex mutex_;
  std::condition_variable returned_[2];  // by Use
  std::vector<Opened> idle_;
  int open_ = 0;               // idle, taken, and being opened
  int reads_ = 0;              // taken for reads
  bool writer_waits_ = false;  // for one of those that there are
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_POOL_H_
