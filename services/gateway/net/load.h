// What somebody - a connection, an address, a caller - has under way, counted, and how often it
// calls. Safe for many threads.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_LOAD_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_LOAD_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "services/gateway/net/rate_meter.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

struct Load {
  std::atomic<int64_t> unfinished_calls = 0;
  std::atomic<int64_t> unfinished_bytes = 0;
  std::atomic<int64_t> streams = 0;
  RateMeter rate;  // of a caller, also of all of an address who have no token
};

// What one call has taken of the loads of those that it belongs to. Each kind is taken of all of
// them or of none.
class Share {
 public:
  // The load must outlive the share, or `keep` keep it.
  void Join(Load& load, const LoadLimits& limits, std::shared_ptr<Load> keep = nullptr) {
    parties_[count_++] = {&load, &limits};
    if (keep) keep_ = std::move(keep);
  }

  // A call whose request isn't whole.
  bool TakeUnfinishedCall() { return Take(unfinished_, 1, &Load::unfinished_calls, kUnfinished); }
  void GiveUnfinishedCall() { Give(unfinished_, &Load::unfinished_calls); }

  // A message of so many bytes that isn't whole.
  bool TakeBytes(int64_t bytes) { return Take(bytes_, bytes, &Load::unfinished_bytes, kBytes); }
  void GiveBytes() { Give(bytes_, &Load::unfinished_bytes); }

  // A stream, as long as it is open.
  bool TakeStream() { return Take(streams_, 1, &Load::streams, kStreams); }

  void GiveAll() {
    GiveUnfinishedCall();
    GiveBytes();
    Give(streams_, &Load::streams);
  }

 private:
  using Counter = std::atomic<int64_t> Load::*;
  using Limit = int64_t LoadLimits::*;
  static constexpr Limit kUnfinished = &LoadLimits::unfinished_calls;
  static constexpr Limit kBytes = &LoadLimits::unfinished_bytes;
  static constexpr Limit kStreams = &LoadLimits::streams;

  struct Party {
    Load* load;
    const LoadLimits* limits;
  };

  bool Take(int64_t& held, int64_t amount, Counter counter, Limit limit) {
    for (size_t i = 0; i < count_; ++i) {
      const Party& party = parties_[i];
      if ((party.load->*counter).fetch_add(amount) + amount <= party.limits->*limit) continue;
      for (size_t j = 0; j <= i; ++j) (parties_[j].load->*counter).fetch_sub(amount);
      return false;
    }
    held += amount;
    return true;
  }

  void Give(int64_t& held, Counter counter) {
    const int64_t amount = std::exchange(held, 0);
    if (amount == 0) return;
    for (size_t i = 0; i < count_; ++i) (parties_[i].load->*counter).fetch_sub(amount);
  }

  std::array<Party, 3> parties_ = {};
  size_t count_ = 0;
  std::shared_ptr<Load> keep_;
  int64_t unfinished_ = 0;
  int64_t bytes_ = 0;
  int64_t streams_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_LOAD_H_
