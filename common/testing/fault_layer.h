// A layer over calls that fails, or delays, where a test says so.

#ifndef BALIPROCESS_COMMON_TESTING_FAULT_LAYER_H_
#define BALIPROCESS_COMMON_TESTING_FAULT_LAYER_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"

#include "common/rpc/call_layer.h"

namespace baliprocess::testing {

// Fails calls of one method, `/package.Service/Method`, from when it is told to; nothing until
// then.
class FaultLayer final : public rpc::CallLayer {
 public:
  // `error` is what faults answer.
  FaultLayer(std::string method, absl::Status error)
      : method_(std::move(method)), error_(std::move(error)) {}

  // The n-th call is refused, and its body doesn't run; 1 is the next.
  void RefuseCall(int n) { Set(calls_left_, n); }

  // The body of the n-th call runs, but who waits is told otherwise. Of a stream: the n-th message.
  void LoseReply(int n) { Set(replies_left_, n); }

  // Calls wait before their bodies from now on, on the threads of these: not for inline methods.
  void HoldCalls() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }

  // Waits until so many calls wait, or have waited.
  void WaitForHeld(int calls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ >= calls; });
  }
  int held() {
    const std::lock_guard lock(mutex_);
    return held_;
  }

  // Nothing fails and nobody waits any more.
  void Heal() {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    calls_left_ = replies_left_ = 0;
    changed_.notify_all();
  }

  absl::Status OnBody(const rpc::CallView& call) override {
    if (call.method != method_) return absl::OkStatus();
    std::unique_lock lock(mutex_);
    if (Strikes(calls_left_)) return error_;
    if (!holding_) return absl::OkStatus();
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holding_; });
    return absl::OkStatus();
  }

  absl::Status OnReply(const rpc::CallView& call) override {
    if (call.method != method_) return absl::OkStatus();
    const std::lock_guard lock(mutex_);
    return Strikes(replies_left_) ? error_ : absl::OkStatus();
  }

 private:
  void Set(int& left, int n) {
    const std::lock_guard lock(mutex_);
    left = n;
  }
  // Counts down; whether it was the last.
  static bool Strikes(int& left) { return left > 0 && --left == 0; }

  const std::string method_;
  const absl::Status error_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int calls_left_ = 0;
  int replies_left_ = 0;
  bool holding_ = false;
  int held_ = 0;
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_COMMON_TESTING_FAULT_LAYER_H_
