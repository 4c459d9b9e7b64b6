// Which clients may have another connection: how many there are, together and of each address, and
// whether the address was abusive lately. Safe for many threads.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_PEERS_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_PEERS_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "services/gateway/net/counts.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

class Peers {
 public:
  // `limits` must outlive this object, as it must outlive the pointers that it has given.
  explicit Peers(const Limits& limits)
      : limits_(limits),
        pools_{.calls = {limits.max_calls}, .unread_bytes = {limits.max_unread_bytes}},
        refusals_(20, 1, SteadyNow()) {}

  struct Answer {
    std::shared_ptr<Peer> peer;  // a place, held as long as this pointer lives; null: none
    bool later = false;          // there will be one soon: only so many a second
  };

  // A place for another connection of the address. When there is none, the log says why. A proxy
  // brings connections of many clients: it is bounded by the number of all connections alone, and
  // has nothing in common with a client whose address is the same.
  Answer Admit(const std::string& address, SteadyTime now, bool is_proxy = false);

  // Who is at this address, for a request that a proxy passes on.
  std::shared_ptr<Peer> Behind(const std::string& address, SteadyTime now);

  // Logs that the address has too many connections waiting to be admitted.
  void RefuseWaiting(const std::string& address, SteadyTime now, bool is_proxy);

  // Whether nine of ten places are taken: then idle connections give way (Limits::spare_time).
  bool IsCrowded();

  // Counts a connection that a proxy passes on and that has no place, as it isn't known whose it
  // is.
  void CountNameless();

  // Connections that had no place, by why. May be read on any thread.
  const CountsByWord& refused() const { return refused_; }

 private:
  struct Entry {
    std::shared_ptr<Peer> peer;
    int connections = 0;
    int requests = 0;  // that proxies have passed on
    bool unused() const { return connections == 0 && requests == 0; }
  };

  Entry& Find(const std::string& address, SteadyTime now, bool is_proxy = false);
  void Leave(const Peer& peer, int Entry::*what);
  void ForgetOld(SteadyTime now);

  const Limits& limits_;
  Pools pools_;
  std::mutex mutex_;
  int total_ = 0;
  std::map<std::pair<std::string, bool>, Entry> entries_;  // by address, and whether it is a proxy
  SteadyTime swept_;
  CountsByWord refused_;
  LogQuota refusals_;  // for lack of places altogether
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_PEERS_H_
