// A bound on how many do something at once.

#ifndef BALIPROCESS_COMMON_RPC_SLOTS_H_
#define BALIPROCESS_COMMON_RPC_SLOTS_H_

#include <atomic>

namespace baliprocess::rpc {

// A number of places that calls take.
class Slots {
 public:
  explicit Slots(int count) : free_(count) {}
  bool Take() {
    if (free_.fetch_sub(1, std::memory_order_relaxed) > 0) return true;
    Release();
    return false;
  }
  void Release() { free_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> free_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_SLOTS_H_
