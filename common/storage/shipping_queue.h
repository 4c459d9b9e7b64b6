// What the writer of a SQLite store has committed and the thread that ships hasn't shipped yet, and
// when the write-ahead log may start over. Not for use outside this folder.

#ifndef BALIPROCESS_COMMON_STORAGE_SHIPPING_QUEUE_H_
#define BALIPROCESS_COMMON_STORAGE_SHIPPING_QUEUE_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/storage/shipping.h"

namespace baliprocess::storage {

class ShippingQueue {
 public:
  // A transaction, by its last frame in the log.
  struct Commit {
    uint32_t frame = 0;
    absl::Time time;
  };

  // `last_frame`: the last commit in the log, 0 for none.
  ShippingQueue(const ShippingOptions& options, uint32_t last_frame);

  // --- For the writer. ---

  // Held while it commits and tells, and while it makes a checkpoint.
  std::unique_lock<std::mutex> HoldCommits() { return std::unique_lock(commits_); }

  // A transaction was committed, whose last frame this is. With that lock.
  void Committed(uint32_t frame);

  // Whether a log of so many pages may be copied into the file and start over: all of it was
  // shipped, or nothing is being shipped. Where the log is long, this waits a moment for a folder
  // that takes what it is given; where the log is too long, shipping is given up. Without the lock.
  bool MayCheckpoint(int pages);

  // --- For the thread that ships. ---

  // Calls `take` between two commits, with the last frame of the first of them. With kBeginning, no
  // frame behind it may be lost from then on; with kGoingOn, that mustn't have ended: ABORTED.
  // Returns the time of it, which is behind the commits before and before those behind, and how
  // many commits before it aren't shipped.
  enum class Purpose { kBeginning, kGoingOn };
  using Take = std::function<absl::Status(uint32_t last_frame)>;
  struct Moment {
    absl::Time time;
    size_t commits = 0;
  };
  absl::StatusOr<Moment> BetweenCommits(Purpose purpose, const Take& take);

  // Waits until there is something to do. False: it is to end.
  bool Await();
  // Whether something is to be shipped now.
  bool IsDue();

  // What goes into a segment: some of the first `most` commits. With all of them, `until` is now.
  struct Batch {
    std::vector<Commit> commits;
    absl::Time until;  // nothing else was committed by then
  };
  Batch Next(size_t most);
  size_t waiting();
  // The batch is in the folder.
  void Shipped(const Batch& batch);
  // It goes on.
  void Progress() { progress_ = SteadyNow().time_since_epoch().count(); }
  // An attempt has ended; the next one after a failure comes later and later.
  void Attempted(bool succeeded);

  // The folder has a copy of the store to which what is shipped can be added.
  void HasCopy();
  // Frames may be lost from now on.
  void Close();
  bool is_open();
  // The clock was set back by more than a little, so that times no longer tell the order of
  // commits.
  bool clock_was_set_back();

  void Stop();
  bool stopping();

 private:
  absl::Time Now();
  void AwaitShipped(std::unique_lock<std::mutex>& lock, int pages);
  SteadyTime Due() const;
  void UpdateLag();
  bool IsSettled() const { return !open_ || waiting_.empty(); }

  const ShippingOptions options_;
  const int pages_to_wait_;
  std::mutex commits_;  // before mutex_

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  bool stopping_ = false;
  bool open_ = false;
  bool has_copy_ = false;
  std::deque<Commit> waiting_;
  uint32_t last_frame_;
  uint32_t shipped_frame_ = 0;
  absl::Time last_time_ = absl::InfinitePast();
  bool set_back_ = false;
  bool urgent_ = false;
  bool busy_ = false;
  int failures_ = 0;  // one after the other
  SteadyTime next_attempt_{};
  SteadyTime last_shipped_{};
  int wait_at_;  // pages

  std::atomic<SteadyTime::rep> progress_ = 0;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SHIPPING_QUEUE_H_
