// Threads for what may wait.

#ifndef BALIPROCESS_COMMON_RPC_WORKER_POOL_H_
#define BALIPROCESS_COMMON_RPC_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"

#include "common/base/steady_time.h"

namespace baliprocess::rpc {

// Runs tasks in the order they were submitted. Threads start when a task finds none free, and end
// when there was nothing to do for a while.
class WorkerPool {
 public:
  struct Options {
    // Tasks that run at once.
    int threads = 1;
    // Tasks that wait for a thread; more are refused.
    size_t capacity = 1;
    // How much the threads give way to others of the process when processors are scarce: 0 (as all
    // others) to 19 (only what is left over), as nice(2).
    int niceness = 0;
    // A thread that was idle this long ends.
    absl::Duration idle = absl::Seconds(10);
  };
  explicit WorkerPool(const Options& options);
  WorkerPool(int threads, size_t capacity)
      : WorkerPool(Options{.threads = threads, .capacity = capacity}) {}

  // Runs what is waiting, then ends.
  ~WorkerPool();

  // False when too many tasks are waiting, the pool is ending, or there is no thread to be had; the
  // task won't run then.
  bool Submit(std::function<void()> task);

  // How long a task submitted now will wait for a thread: zero while one is free, else by the
  // number that wait and how long tasks took of late, and no less than the first of them has waited
  // so far.
  absl::Duration ExpectedWait();

  // Threads that live now.
  size_t threads();

 private:
  struct Task {
    std::function<void()> run;
    SteadyTime submitted;
  };

  void Work();
  // False when the system has no thread left.
  bool StartThread();
  void RunNext(std::unique_lock<std::mutex>& lock);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Task> tasks_;
  size_t idle_ = 0;  // threads that wait for a task
  bool ending_ = false;
  absl::Duration usual_;  // how long a task takes, a moving mean
  std::unordered_map<std::thread::id, std::thread> threads_;
  std::vector<std::thread> ended_;  // to be joined
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_WORKER_POOL_H_
