#include "common/storage/shipping_queue.h"

#include <algorithm>
#include <chrono>

#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

using std::chrono::milliseconds;

constexpr uint32_t kUrgentFrames = 250;  // aren't left for later: a checkpoint would wait for them
constexpr uint32_t kFramesOfSegment = 4000;  // about: whole commits
// From how many pages on the writer waits so that the log can start over, and how long: the longer,
// the more there are.
constexpr int kPagesToWait = 4000;
constexpr milliseconds kPatience{200};  // for each kPagesToWait
constexpr milliseconds kLongestPatience{2000};
// Who has done nothing for so long isn't waited for.
constexpr milliseconds kStandstill{500};
constexpr milliseconds kLook{20};

constexpr absl::Duration kSetBack = absl::Seconds(2);  // clocks are slewed by less
constexpr int kMostDoublings = 5;                      // of a second's pause after a failure

}  // namespace

ShippingQueue::ShippingQueue(const ShippingOptions& options, uint32_t last_frame)
    : options_(options),
      pages_to_wait_(std::min(kPagesToWait, options.most_pages / 2)),
      last_frame_(last_frame),
      wait_at_(pages_to_wait_) {
  UpdateLag();
}

// Later each time: what has the same time as a segment or a copy would be before it or behind it.
absl::Time ShippingQueue::Now() {
  const absl::Time now = options_.clock->Now();
  if (now < last_time_ - kSetBack) set_back_ = true;
  last_time_ = std::max(last_time_ + absl::Microseconds(1), now);
  return last_time_;
}

void ShippingQueue::Committed(uint32_t frame) {
  const std::lock_guard lock(mutex_);
  last_frame_ = frame;
  if (!open_) return;
  if (waiting_.empty() && frame <= shipped_frame_) shipped_frame_ = 0;  // the log started over
  waiting_.push_back({frame, Now()});
  UpdateLag();
  if (!urgent_ && (frame > shipped_frame_ + kUrgentFrames || set_back_)) {
    urgent_ = true;
    changed_.notify_all();
  } else if (waiting_.size() == 1) {
    changed_.notify_all();
  }
}

bool ShippingQueue::MayCheckpoint(int pages) {
  std::unique_lock lock(mutex_);
  if (!IsSettled() && pages >= wait_at_) {
    AwaitShipped(lock, pages);
    wait_at_ = pages + pages_to_wait_;
  }
  if (!IsSettled() && pages >= options_.most_pages) {
    open_ = has_copy_ = false;
    waiting_.clear();
    options_.numbers->gaps.Add();
    options_.told(absl::ResourceExhaustedError("the write-ahead log has become too long"),
                  "shipping is given up: what is committed now can't be restored until the store "
                  "was copied again",
                  options_.folder);
    UpdateLag();
    changed_.notify_all();
  }
  if (!IsSettled()) return false;
  wait_at_ = pages_to_wait_;
  return true;
}

void ShippingQueue::AwaitShipped(std::unique_lock<std::mutex>& lock, int pages) {
  urgent_ = true;
  if (!busy_) Progress();
  changed_.notify_all();
  const SteadyTime until =
      SteadyNow() + std::min(kPatience * std::max(1, pages / pages_to_wait_), kLongestPatience);
  const auto goes_on = [this] {
    return SteadyNow() < SteadyTime(SteadyTime::duration(progress_)) + kStandstill;
  };
  while (!IsSettled() && failures_ == 0 && SteadyNow() < until && goes_on()) {
    changed_.wait_for(lock, kLook);
  }
}

absl::StatusOr<ShippingQueue::Moment> ShippingQueue::BetweenCommits(Purpose purpose,
                                                                    const Take& take) {
  const std::lock_guard commits(commits_);
  RETURN_IF_ERROR(take(last_frame_));  // which the writer changes with the same lock alone
  const std::lock_guard lock(mutex_);
  if (purpose == Purpose::kGoingOn && !open_) return absl::AbortedError("the chain has ended");
  if (purpose == Purpose::kBeginning) {
    open_ = true;
    has_copy_ = set_back_ = urgent_ = false;
    waiting_.clear();
    shipped_frame_ = last_frame_;
    last_time_ = absl::InfinitePast();
    last_shipped_ = SteadyNow();
  }
  return Moment{Now(), waiting_.size()};
}

SteadyTime ShippingQueue::Due() const {
  SteadyTime due{};
  if (open_ && !set_back_ && !urgent_) {
    due = last_shipped_ +
          absl::ToChronoMilliseconds(waiting_.empty() ? options_.idle_interval : options_.interval);
  }
  return std::max(due, next_attempt_);
}

bool ShippingQueue::Await() {
  std::unique_lock lock(mutex_);
  while (!stopping_ && SteadyNow() < Due()) changed_.wait_until(lock, Due());
  return !stopping_;
}

bool ShippingQueue::IsDue() {
  const std::lock_guard lock(mutex_);
  return open_ && !waiting_.empty() && SteadyNow() >= Due();
}

ShippingQueue::Batch ShippingQueue::Next(size_t most) {
  const std::lock_guard lock(mutex_);
  Batch batch;
  for (const Commit& commit : waiting_) {
    if (batch.commits.size() == most) break;
    batch.commits.push_back(commit);
    if (commit.frame >= shipped_frame_ + kFramesOfSegment) break;
  }
  const bool all = batch.commits.size() == waiting_.size();
  batch.until = all ? Now() : batch.commits.back().time;
  busy_ = true;
  Progress();
  return batch;
}

size_t ShippingQueue::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void ShippingQueue::Shipped(const Batch& batch) {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(batch.commits.size()));
  if (!batch.commits.empty()) shipped_frame_ = batch.commits.back().frame;
  last_shipped_ = SteadyNow();
  if (waiting_.empty()) urgent_ = false;
  UpdateLag();
  changed_.notify_all();
}

void ShippingQueue::Attempted(bool succeeded) {
  const std::lock_guard lock(mutex_);
  busy_ = false;
  failures_ = succeeded ? 0 : failures_ + 1;
  next_attempt_ = {};
  if (!succeeded) {
    const int pause = 1 << std::min(failures_ - 1, kMostDoublings);
    next_attempt_ = SteadyNow() + std::chrono::seconds(pause);
  }
  changed_.notify_all();
}

void ShippingQueue::HasCopy() {
  const std::lock_guard lock(mutex_);
  has_copy_ = open_;
  UpdateLag();
}

void ShippingQueue::Close() {
  const std::lock_guard lock(mutex_);
  open_ = has_copy_ = set_back_ = false;
  waiting_.clear();
  UpdateLag();
  changed_.notify_all();
}

bool ShippingQueue::is_open() {
  const std::lock_guard lock(mutex_);
  return open_;
}

bool ShippingQueue::clock_was_set_back() {
  const std::lock_guard lock(mutex_);
  return set_back_;
}

void ShippingQueue::Stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

bool ShippingQueue::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ShippingQueue::UpdateLag() {
  std::atomic<SteadyTime::rep>& since = options_.numbers->behind_since;
  if (open_ && has_copy_ && waiting_.empty()) {
    since = 0;
  } else if (since == 0) {
    since = SteadyNow().time_since_epoch().count();
  }
}

}  // namespace baliprocess::storage
