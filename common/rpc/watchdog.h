// Sees to it that a process that was asked to end does.

#ifndef BALIPROCESS_COMMON_RPC_WATCHDOG_H_
#define BALIPROCESS_COMMON_RPC_WATCHDOG_H_

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace baliprocess::rpc {

class Watchdog {
 public:
  // How long after the deadline the process ends whatever hangs.
  static constexpr absl::Duration kLastResort = absl::Seconds(1);

  Watchdog() = default;
  // The process has ended in time.
  ~Watchdog();

  // Drains until the deadline, `patience` from now: has_passed() is true from then on. What can
  // give up is to. A second later the process ends by _exit(1): with a disk, say, that answers
  // nothing. What was acknowledged is durable however a process ends. Called once.
  void Arm(absl::Duration patience);

  bool has_passed() const { return passed_; }

 private:
  void Run(absl::Duration patience);

  std::atomic<bool> passed_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_WATCHDOG_H_
