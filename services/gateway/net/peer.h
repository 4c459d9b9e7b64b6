// A client's address, and what its connections have in common, on whichever loop they are. Safe for
// many threads.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_PEER_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_PEER_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/shared_pool.h"
#include "services/gateway/net/load.h"
#include "services/gateway/net/token_bucket.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// Lines of a log that an abuser could repeat without end: some are written, the rest are counted.
class LogQuota {
 public:
  LogQuota(double at_once, double per_second, SteadyTime now) : bucket_(at_once, per_second, now) {}

  // Whether the next line may be written.
  bool Take(SteadyTime now) {
    if (bucket_.TryTake(1, now)) return true;
    ++left_out_;
    return false;
  }

  // How many weren't since the last call of this function.
  uint64_t TakeLeftOut() { return std::exchange(left_out_, 0); }

 private:
  TokenBucket bucket_;
  uint64_t left_out_ = 0;
};

// What all peers share.
struct Pools {
  SharedPool calls;
  SharedPool unread_bytes;
};

class Peer {
 public:
  // What lines are about.
  enum class Topic {
    kCalls,       // that the client left or that were refused
    kConnection,  // that was cut off or refused
  };

  // `pools` must outlive the peer. A proxy has connections of many clients: its own behaviour isn't
  // judged.
  Peer(std::string address, const Limits& limits, Pools& pools, SteadyTime now,
       bool is_proxy = false);
  ~Peer();  // says how many lines weren't logged
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const std::string& address() const { return address_; }
  // Whether it passes on requests of others, and says whose (Options::client_address).
  bool is_proxy() const { return is_proxy_; }
  Load& load() { return load_; }
  // Of the calls without a token.
  Load& anonymous_load() { return anonymous_load_; }

  // Calls, and bytes of replies that haven't been read.
  PoolShare& calls_held() { return calls_held_; }
  PoolShare& unread_bytes() { return unread_bytes_; }

  // Takes work (net/work.h) from the budget that the peer's connections share; false, and nothing
  // is taken, when there is less. Negative: fills it up.
  bool Pay(double work, SteadyTime now);

  // Whether a line about this peer may be logged. Says how many weren't before it.
  bool MayLog(Topic topic, SteadyTime now);

  // Counts what only an abuser does often; a connection that was cut off counts as 1.
  void Strike(double weight, SteadyTime now);

  // Whether there was so much of that lately that the peer's connections get less.
  bool suspect(SteadyTime now);

  // Whether nothing of that is held against the peer any more, nor work, nor calls without a token.
  bool clean(SteadyTime now);

  // Of a suspect: whether it may have another connection now.
  bool MayConnect(SteadyTime now);

 private:
  LogQuota& quota(Topic topic) { return topic == Topic::kCalls ? calls_ : connection_; }

  const std::string address_;
  const bool is_proxy_;
  PoolShare calls_held_;
  PoolShare unread_bytes_;
  Load load_;
  Load anonymous_load_;
  std::mutex mutex_;
  LogQuota calls_;
  LogQuota connection_;
  TokenBucket strikes_;
  TokenBucket connects_;
  TokenBucket work_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_PEER_H_
