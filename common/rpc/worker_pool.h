// Threads for what may wait.

#ifndef BALIPROCESS_COMMON_RPC_WORKER_POOL_H_
#define BALIPROCESS_COMMON_RPC_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace baliprocess::rpc {

// Runs tasks on a fixed number of threads, in the order they were submitted.
class WorkerPool {
 public:
  // At most `capacity` tasks wait for a thread.
  WorkerPool(int threads, size_t capacity);

  // Runs what is waiting, then ends.
  ~WorkerPool();

  // False when too many tasks are waiting or the pool is ending; the task won't run then.
  bool Submit(std::function<void()> task);

 private:
  void Work();

  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_WORKER_POOL_H_
