#include "common/storage/sqlite_shipping.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/storage/sqlite_backup.h"

namespace baliprocess::storage {
namespace {

constexpr uint64_t kRoomForStore = 64 << 20;                  // what a copy leaves of a disk
constexpr uint64_t kSegmentsPerCopy = 8;                      // in bytes
constexpr absl::Duration kPauseOfCopies = absl::Minutes(10);  // after one that failed
constexpr absl::Duration kFirstRemoval = absl::Minutes(10);   // the clock may be set until then
constexpr absl::Duration kPauseOfRemovals = absl::Hours(1);
constexpr absl::Duration kMostSet = absl::Minutes(1);
constexpr uint32_t kRecordsBetweenLooks = 64;

std::string LogOf(const std::string& store) { return store + "-wal"; }

// Beside the store, so that a folder that hangs holds no snapshot.
std::string PathOfCopy(const std::string& store) { return store + ".copy-to-ship"; }

uint64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

absl::Status CheckRoom(const std::string& folder, uint64_t bytes) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0) return absl::ErrnoToStatus(errno, folder);
  const uint64_t free = uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free >= bytes + kRoomForStore) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("a copy of the store needs ",
                                                   bytes + kRoomForStore, " bytes in ", folder,
                                                   ", and ", free, " are free"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteShipping>> SqliteShipping::Begin(
    const std::string& store, const ShippingOptions& options,
    std::function<void(bool begins)> copying) {
  unlink(PathOfCopy(store).c_str());
  ASSIGN_OR_RETURN(const auto log, WalReader::Open(LogOf(store)));
  ASSIGN_OR_RETURN(const uint32_t last_frame, log->LastCommit());
  return std::unique_ptr<SqliteShipping>(
      new SqliteShipping(store, options, last_frame, std::move(copying)));
}

SqliteShipping::SqliteShipping(const std::string& store, const ShippingOptions& options,
                               uint32_t last_frame, std::function<void(bool)> copying)
    : store_(store),
      options_(options),
      copying_(std::move(copying)),
      began_(options.clock->Now()),
      queue_(options, last_frame),
      next_removal_(began_steadily_ + absl::ToChronoSeconds(kFirstRemoval)),
      thread_([this] { Loop(); }) {}

SqliteShipping::~SqliteShipping() {
  queue_.Stop();
  thread_.join();
}

void SqliteShipping::Loop() {
  while (queue_.Await()) Attempted(Work());
  // What was committed last, or else that nothing was.
  if (queue_.is_open() && chain_ != nullptr && chain_->has_copy()) Attempted(ShipWaiting());
  CloseChain();
}

void SqliteShipping::Attempted(const absl::Status& status) {
  queue_.Attempted(status.ok());
  const bool failed = !status.ok();
  if (failed) options_.numbers->failures.Add();
  if (failing_ == failed || (failed && queue_.stopping())) return;
  failing_ = failed;
  options_.told(
      status,
      failed ? "what changes can't be shipped: it is tried again" : "what changes is shipped again",
      options_.folder);
}

absl::Status SqliteShipping::Work() {
  if (SteadyNow() >= next_removal_) RemoveOld();
  if (queue_.is_open() && queue_.clock_was_set_back()) {
    RETURN_IF_ERROR(ShipWaiting());
    options_.told(absl::OkStatus(), "the clock was set back: another chain begins", chain_->path());
    CloseChain();
  }
  if (!queue_.is_open()) return BeginChain();
  RETURN_IF_ERROR(ShipWaiting());
  if (CopyIsDue()) AddCopy();
  return absl::OkStatus();
}

// A connection without a snapshot yet, and room for a copy. The folder may hang.
absl::StatusOr<SqliteShipping::Snapshot> SqliteShipping::PrepareSnapshot() const {
  const uint64_t bytes = SizeOf(store_) + SizeOf(LogOf(store_));
  RETURN_IF_ERROR(CheckRoom(std::filesystem::path(store_).parent_path().string(), bytes));
  RETURN_IF_ERROR(CheckRoom(options_.folder, bytes));
  Snapshot snapshot;
  ASSIGN_OR_RETURN(snapshot.connection,
                   SqliteConnection::Open(store_, SqliteConnection::Use::kRead));
  std::vector<Row> rows;
  RETURN_IF_ERROR(snapshot.connection->Run("PRAGMA page_size", {}, &rows));
  if (rows.size() == 1) snapshot.page_size = static_cast<uint32_t>(AsInt(rows[0][0]));
  return snapshot;
}

absl::Status SqliteShipping::Take(Snapshot& snapshot, ShippingQueue::Purpose purpose,
                                  const ShippingQueue::Take& besides) {
  const auto take = [&](uint32_t last_frame) -> absl::Status {
    RETURN_IF_ERROR(snapshot.connection->Run("BEGIN"));
    RETURN_IF_ERROR(snapshot.connection->Run("SELECT 1 FROM sqlite_schema"));
    return besides ? besides(last_frame) : absl::OkStatus();
  };
  ASSIGN_OR_RETURN(snapshot.moment, queue_.BetweenCommits(purpose, take));
  return absl::OkStatus();
}

absl::Status SqliteShipping::BeginChain() {
  CloseChain();
  ASSIGN_OR_RETURN(log_, WalReader::Open(LogOf(store_)));
  ASSIGN_OR_RETURN(Snapshot snapshot, PrepareSnapshot());
  ASSIGN_OR_RETURN(chain_,
                   ShippedChainWriter::Begin(options_.folder, options_.service, snapshot.page_size,
                                             options_.clock->Now(), options_.most_chains_an_hour));
  // What is in the log is in the snapshot, too, and isn't shipped.
  const auto pass_over = [this](uint32_t last_frame) {
    return log_->ReadTo(last_frame, [](const WalFrame&) { return absl::OkStatus(); });
  };
  absl::Status status = Take(snapshot, ShippingQueue::Purpose::kBeginning, pass_over);
  if (status.ok()) status = ShipCopy(std::move(snapshot));
  if (!status.ok()) CloseChain();
  return status;
}

void SqliteShipping::CloseChain() {
  queue_.Close();
  chain_.reset();
}

// All that waits; when nothing does, that it is so.
absl::Status SqliteShipping::ShipWaiting() {
  const size_t waiting = queue_.waiting();
  return waiting > 0 ? ShipFirst(waiting) : ShipOne(kAll).status();
}

absl::Status SqliteShipping::ShipFirst(size_t commits) {
  while (commits > 0) {
    ASSIGN_OR_RETURN(const size_t shipped, ShipOne(commits));
    commits -= shipped;
  }
  return absl::OkStatus();
}

// Ships a segment of at most so many commits. How many it has.
absl::StatusOr<size_t> SqliteShipping::ShipOne(size_t most) {
  const ShippingQueue::Batch batch = queue_.Next(most);
  const WalReader::Place place = log_->place();
  const absl::Status status = chain_->AddSegment(
      batch.until, [&](ShippedFileWriter& file) { return WriteRecords(batch, file); },
      [this] { return queue_.is_open(); });
  if (!status.ok()) {
    log_->GoTo(place);
    return status;
  }
  options_.numbers->segments.Add();
  queue_.Shipped(batch);
  return batch.commits.size();
}

absl::Status SqliteShipping::WriteRecords(const ShippingQueue::Batch& batch,
                                          ShippedFileWriter& file) {
  if (batch.commits.empty()) return absl::OkStatus();
  auto commit = batch.commits.begin();
  const absl::Status status =
      log_->ReadTo(batch.commits.back().frame, [&](const WalFrame& frame) -> absl::Status {
        while (frame.number > commit->frame) ++commit;
        if (frame.number % kRecordsBetweenLooks == 0) queue_.Progress();
        RETURN_IF_ERROR(file.Add(
            ToBytes({.page = frame.page, .size_after = frame.size_after, .time = commit->time})));
        return file.Add(frame.data);
      });
  options_.numbers->bytes.Add(file.bytes());
  return status;
}

bool SqliteShipping::CopyIsDue() const {
  const bool many_bytes = chain_->segment_bytes() >
                          std::max(options_.copy_bytes, kSegmentsPerCopy * chain_->copy_bytes());
  const SteadyTime now = SteadyNow();
  return now >= next_copy_ || (many_bytes && now >= next_attempt_to_copy_);
}

// A copy that fails keeps no segment from being shipped.
void SqliteShipping::AddCopy() {
  next_copy_ = next_attempt_to_copy_ = SteadyNow() + absl::ToChronoSeconds(kPauseOfCopies);
  const absl::Status status = [this]() -> absl::Status {
    ASSIGN_OR_RETURN(Snapshot snapshot, PrepareSnapshot());
    RETURN_IF_ERROR(Take(snapshot, ShippingQueue::Purpose::kGoingOn, nullptr));
    return ShipCopy(std::move(snapshot));
  }();
  if (status.ok() || queue_.stopping()) return;
  options_.numbers->failures.Add();
  options_.told(status, "another copy of the store can't be shipped: it is tried again later",
                options_.folder);
}

// As long as there is the snapshot, the log can't start over: so nothing is written to the folder.
absl::Status SqliteShipping::ShipCopy(Snapshot snapshot) {
  const auto [time, commits] = snapshot.moment;
  RETURN_IF_ERROR(CopyBesideStore(std::move(snapshot)));
  RETURN_IF_ERROR(ShipFirst(commits));
  RETURN_IF_ERROR(chain_->AddCopy(PathOfCopy(store_), time, chain_->place(),
                                  [this] { return BetweenPieces(); }));
  next_copy_ = SteadyNow() + absl::ToChronoSeconds(options_.copy_age);
  options_.numbers->last_copy = time;
  queue_.HasCopy();
  options_.told(absl::OkStatus(), "a copy of the store was shipped", chain_->path());
  return absl::OkStatus();
}

absl::Status SqliteShipping::CopyBesideStore(Snapshot snapshot) {
  copying_(true);
  const absl::Cleanup over = [this] { copying_(false); };
  unlink(PathOfCopy(store_).c_str());
  return CopySqlite(snapshot.connection->handle(), PathOfCopy(store_),
                    [this] { return queue_.stopping() || !queue_.is_open(); });
}

// While a copy is shipped: so is the log.
absl::Status SqliteShipping::BetweenPieces() {
  if (queue_.stopping()) return absl::CancelledError("the service ends");
  if (!queue_.is_open()) return absl::AbortedError("the chain has ended");
  queue_.Progress();
  return queue_.IsDue() ? ShipWaiting() : absl::OkStatus();
}

// Not by a clock that was set since the start.
void SqliteShipping::RemoveOld() {
  next_removal_ = SteadyNow() + absl::ToChronoSeconds(kPauseOfRemovals);
  const absl::Time now = options_.clock->Now();
  if (absl::AbsDuration((now - began_) - Since(began_steadily_)) > kMostSet) return;
  const absl::Status status =
      RemoveShippedBefore(options_.folder, options_.service, now - options_.keep);
  if (!status.ok()) options_.told(status, "what is old can't be removed", options_.folder);
}

}  // namespace baliprocess::storage
