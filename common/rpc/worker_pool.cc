#include "common/rpc/worker_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace baliprocess::rpc {
namespace {

// The share of the last task in the mean of how long tasks take.
constexpr double kNewest = 0.05;

}  // namespace

WorkerPool::WorkerPool(const Options& options) : options_(options) {}

WorkerPool::~WorkerPool() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  work_.notify_all();
  // The last of them takes the last task; each moves itself to ended_.
  work_.wait(lock, [this] { return threads_.empty(); });
  std::vector<std::thread> ended = std::move(ended_);
  lock.unlock();
  for (std::thread& thread : ended) thread.join();
}

bool WorkerPool::Submit(std::function<void()> task) {
  std::vector<std::thread> ended;
  bool notify = false;
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || tasks_.size() >= options_.capacity) return false;
    tasks_.push_back({std::move(task), SteadyNow()});
    if (tasks_.size() <= idle_) {
      notify = true;
    } else if (threads_.size() < static_cast<size_t>(options_.threads) && !StartThread() &&
               threads_.empty()) {
      tasks_.pop_back();
      return false;
    }
    ended.swap(ended_);
  }
  if (notify) work_.notify_one();
  for (std::thread& thread : ended) thread.join();  // at their last line
  return true;
}

bool WorkerPool::StartThread() {
  try {
    std::thread thread([this] { Work(); });
    const std::thread::id id = thread.get_id();
    threads_.emplace(id, std::move(thread));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

absl::Duration WorkerPool::ExpectedWait() {
  const std::lock_guard lock(mutex_);
  if (tasks_.empty() || tasks_.size() < idle_) return absl::ZeroDuration();
  const absl::Duration by_rate =
      usual_ * (static_cast<double>(tasks_.size()) / static_cast<double>(options_.threads));
  return std::max(by_rate, Since(tasks_.front().submitted));
}

size_t WorkerPool::threads() {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

void WorkerPool::Work() {
  // Of this thread alone, on Linux.
  if (options_.niceness > 0) setpriority(PRIO_PROCESS, gettid(), options_.niceness);
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    const bool woken = work_.wait_for(lock, absl::ToChronoNanoseconds(options_.idle),
                                      [this] { return ending_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) {
      if (ending_ || !woken) break;
      continue;
    }
    RunNext(lock);
  }
  const auto self = threads_.find(std::this_thread::get_id());
  ended_.push_back(std::move(self->second));
  threads_.erase(self);
  if (ending_) work_.notify_all();
}

void WorkerPool::RunNext(std::unique_lock<std::mutex>& lock) {
  absl::Duration took;
  {
    const std::function<void()> run = std::move(tasks_.front().run);
    tasks_.pop_front();
    lock.unlock();
    const SteadyTime start = SteadyNow();
    run();
    took = Since(start);
  }  // what the task captured is destroyed without the lock
  lock.lock();
  usual_ = usual_ == absl::ZeroDuration() ? took : usual_ * (1 - kNewest) + took * kNewest;
}

}  // namespace baliprocess::rpc
