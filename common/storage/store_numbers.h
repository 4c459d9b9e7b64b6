// What a store counts of itself, for metrics. Any thread may read it at any time.

#ifndef BALIPROCESS_COMMON_STORAGE_STORE_NUMBERS_H_
#define BALIPROCESS_COMMON_STORAGE_STORE_NUMBERS_H_

#include <atomic>
#include <cstdint>

#include "common/base/counts.h"

namespace baliprocess::storage {

struct StoreNumbers {
  // Of the writer, on both engines.
  SharedSizes batches;          // the works that shared a commit
  SharedDurations write_waits;  // of a work, from when it was asked for until its batch began
  SharedDurations commits;      // of a batch, retries included

  // PostgreSQL.
  SharedCount conflicts;             // transactions that were run again after one
  SharedCount reconnects;            // the same after the connection was lost
  SharedCount split_batches;         // that failed as a whole and were run again one by one
  SharedCount connects;              // connections that were opened
  SharedCount connect_failures;      // or couldn't be
  SharedDurations connection_waits;  // of a transaction, for a connection
  SharedCount connection_timeouts;   // waits that ended without one
  SharedCount dropped_hosts;         // hosts that didn't answer
  std::atomic<int> open_connections = 0;
  std::atomic<int> busy_connections = 0;
  // 1: commits of other processes are heard of; 0: they are looked for each second; -1: nobody
  // listens, as on SQLite.
  std::atomic<int> listening = -1;

  // SQLite.
  std::atomic<int64_t> wal_pages = 0;  // after the last commit, and the checkpoint behind it
  SharedDurations checkpoints;         // with waits for readers; writes wait meanwhile
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_STORE_NUMBERS_H_
