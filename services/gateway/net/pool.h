// What all peers share, such as room for replies that aren't read, fairly: whoever has more than is
// left gets no more. However many peers have all that they may, as much is free as each of them
// has: there is room for the next one. Safe for many threads.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_POOL_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_POOL_H_

#include <atomic>
#include <cstdint>

namespace baliprocess::gateway {

struct Pool {
  const int64_t size;
  std::atomic<int64_t> taken = 0;
};

// What one peer has of it.
class PoolShare {
 public:
  // The pool must outlive the share.
  explicit PoolShare(Pool& pool) : pool_(pool) {}

  // At most as much as is free then; but anything when this peer has nothing else.
  bool Take(int64_t amount) {
    const int64_t before = taken_.fetch_add(amount);
    const int64_t all = pool_.taken.fetch_add(amount) + amount;
    if (before == 0 || before + amount <= pool_.size - all) return true;
    Give(amount);
    return false;
  }

  void Give(int64_t amount) {
    taken_.fetch_sub(amount);
    pool_.taken.fetch_sub(amount);
  }

 private:
  Pool& pool_;
  std::atomic<int64_t> taken_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_POOL_H_
