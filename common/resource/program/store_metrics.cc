#include "common/resource/program/store_metrics.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace baliprocess::resource {
namespace {

using storage::StoreCounters;
using storage::StoreNumbers;
using telemetry::Families;

double Number(const SharedCount& count) { return static_cast<double>(count.get()); }

// 0: there is no such file.
double SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<double>(size);
}

}  // namespace

void StoreMetrics::AddMetrics(Families& families) const {
  families.Gauge("bali_store_info", "1; the engine is a label.")
      .Add({{"engine", std::string(store_.dialect().engine)}}, 1);
  AddTransactions(families);
  AddWriter(families);
  if (store_.reads_are_local()) {
    AddFiles(families);
  } else {
    AddConnections(families);
  }
}

void StoreMetrics::AddTransactions(Families& families) const {
  const StoreCounters::Counts counts = counters_.Get();
  families.Histogram("bali_store_transaction_seconds",
                     "How long reads and writes took, with waits, retries and commit.");
  families.Add({{"kind", "read"}}, SummedDurations(counters_.reads()));
  families.Add({{"kind", "write"}}, SummedDurations(counters_.writes()));
  families.Counter("bali_store_transactions_failed_total", "Transactions that the store failed.")
      .Add({}, static_cast<double>(counts.failed_transactions));
  families.Histogram("bali_store_statement_seconds", "How long statements took.");
  families.Add({}, SummedDurations(counters_.statements()));
  families
      .Counter("bali_store_statements_failed_total",
               "Statements that failed, those among them that met a conflict.")
      .Add({}, static_cast<double>(counts.failed_statements));
}

void StoreMetrics::AddWriter(Families& families) const {
  families.Histogram("bali_store_batch_size", "How many writes shared a commit.");
  families.Add({}, SummedSizes(numbers_->batches));
  families.Histogram("bali_store_commit_seconds",
                     "How long a batch of writes took, to its commit.");
  families.Add({}, SummedDurations(numbers_->commits));
  families.Histogram("bali_store_write_wait_seconds", "How long a write waited for its batch.");
  families.Add({}, SummedDurations(numbers_->write_waits));
}

void StoreMetrics::AddConnections(Families& families) const {
  const StoreNumbers& numbers = *numbers_;
  families.Counter("bali_store_retries_total", "Transactions that were run again, by why.");
  families.Add({{"why", "conflict"}}, Number(numbers.conflicts));
  families.Add({{"why", "connection"}}, Number(numbers.reconnects));
  families
      .Counter("bali_store_batches_split_total",
               "Batches that failed as a whole and were run again one by one.")
      .Add({}, Number(numbers.split_batches));
  families.Counter("bali_store_connects_total", "Attempts to connect to the store, by result.");
  families.Add({{"result", "ok"}}, Number(numbers.connects));
  families.Add({{"result", "failed"}}, Number(numbers.connect_failures));
  const int open = numbers.open_connections;
  const int busy = std::min<int>(numbers.busy_connections, open);  // they are two numbers
  families.Gauge("bali_store_connections", "Connections to the store, by what they do.");
  families.Add({{"state", "busy"}}, busy);
  families.Add({{"state", "idle"}}, open - busy);
  families.Histogram("bali_store_connection_wait_seconds",
                     "How long transactions waited for a connection.");
  families.Add({}, SummedDurations(numbers.connection_waits));
  families.Counter("bali_store_connection_timeouts_total", "Waits that ended without a connection.")
      .Add({}, Number(numbers.connection_timeouts));
  families.Counter("bali_store_hosts_dropped_total", "How often a host didn't answer.")
      .Add({}, Number(numbers.dropped_hosts));
  families.Gauge("bali_store_listening",
                 "1: commits of other processes are heard of; 0: they can't be, and are looked for "
                 "each second. Absent where nobody is to listen.");
  if (numbers.listening >= 0) families.Add({}, numbers.listening == 1);
}

void StoreMetrics::AddFiles(Families& families) const {
  families.Gauge("bali_store_file_bytes", "Sizes of the files of the store.");
  families.Add({{"file", "store"}}, SizeOf(target_));
  families.Add({{"file", "wal"}}, SizeOf(target_ + "-wal"));
  families
      .Gauge("bali_store_wal_pages",
             "Pages in the write-ahead log after the last commit and checkpoint.")
      .Add({}, static_cast<double>(numbers_->wal_pages));
  families.Histogram(
      "bali_store_checkpoint_seconds",
      "How long the write-ahead log was copied into the store; writes wait meanwhile.");
  families.Add({}, SummedDurations(numbers_->checkpoints));
  std::error_code error;
  const auto space =
      std::filesystem::space(std::filesystem::absolute(target_, error).parent_path(), error);
  families.Gauge("bali_store_disk_free_bytes", "Room on the disk that the store is on.")
      .Add({}, error ? 0 : static_cast<double>(space.available));
  families.Gauge("bali_store_disk_bytes", "Size of the disk that the store is on.")
      .Add({}, error ? 0 : static_cast<double>(space.capacity));
}

}  // namespace baliprocess::resource
