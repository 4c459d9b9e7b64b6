// What all share, such as room for replies that aren't read, fairly: whoever has more than is left
// gets no more. However many have all that they may, as much is free as each of them has: there is
// room for the next one. Safe for many threads.

#ifndef BALIPROCESS_COMMON_BASE_SHARED_POOL_H_
#define BALIPROCESS_COMMON_BASE_SHARED_POOL_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace baliprocess {

struct SharedPool {
  const int64_t size;
  std::atomic<int64_t> taken = 0;
};

// What one has of it.
class PoolShare {
 public:
  // The pool must outlive the share.
  explicit PoolShare(SharedPool& pool) : pool_(pool) {}

  // At most as much as is free then; but anything when the share holds nothing else.
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
  SharedPool& pool_;
  std::atomic<int64_t> taken_ = 0;
};

// A part of a share that is given back when the object goes.
class PoolTicket {
 public:
  PoolTicket() = default;
  PoolTicket(PoolTicket&& other) noexcept = default;
  PoolTicket& operator=(PoolTicket&& other) noexcept {
    GiveBack();
    share_ = std::move(other.share_);
    amount_ = other.amount_;
    return *this;
  }
  ~PoolTicket() { GiveBack(); }

  // Whether the share had so much; what the ticket held before is given back.
  bool Take(std::shared_ptr<PoolShare> share, int64_t amount) {
    GiveBack();
    if (!share->Take(amount)) return false;
    share_ = std::move(share);
    amount_ = amount;
    return true;
  }

 private:
  void GiveBack() {
    if (share_ != nullptr) share_->Give(amount_);
    share_.reset();
  }

  std::shared_ptr<PoolShare> share_;
  int64_t amount_ = 0;
};

// The shares of a pool by who has them, such as the subject of a token. Who holds nothing is
// forgotten.
class PoolShares {
 public:
  explicit PoolShares(int64_t size) : pool_{size} {}

  // The share of `who`, the same for all who hold it at once. It mustn't outlive this object.
  std::shared_ptr<PoolShare> Of(const std::string& who) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::weak_ptr<PoolShare>& known = shares_[who];
    if (std::shared_ptr<PoolShare> share = known.lock()) return share;
    std::shared_ptr<PoolShare> share(new PoolShare(pool_), [this, who](PoolShare* left) {
      delete left;
      Forget(who);
    });
    known = share;
    return share;
  }

  int64_t taken() const { return pool_.taken; }

 private:
  void Forget(const std::string& who) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = shares_.find(who);
    // Another may have come meanwhile.
    if (found != shares_.end() && found->second.expired()) shares_.erase(found);
  }

  SharedPool pool_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<PoolShare>> shares_;
};

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_SHARED_POOL_H_
