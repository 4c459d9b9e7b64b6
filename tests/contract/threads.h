// Many threads at once, for contract tests.

#ifndef BALIPROCESS_TESTS_CONTRACT_THREADS_H_
#define BALIPROCESS_TESTS_CONTRACT_THREADS_H_

#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace baliprocess::testing {

// Runs `work(0)` to `work(count - 1)` in threads that start together, and waits for them.
inline void InParallel(int count, const std::function<void(int)>& work) {
  std::latch start(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_TESTS_CONTRACT_THREADS_H_
