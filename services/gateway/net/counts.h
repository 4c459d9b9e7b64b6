// What an event loop counts (common/base/counts.h): it alone changes these numbers.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_COUNTS_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_COUNTS_H_

#include "common/base/counts.h"

namespace baliprocess::gateway {

// Bytes that went through sockets, TLS and HTTP/2 around them included.
struct Traffic {
  Count received;
  Count sent;
};

// Of one loop; what concerns calls is in calls/call_counts.h.
struct LoopCounts {
  Traffic clients;
  Traffic services;
  // From when the loop has something to do until it waits again: what comes meanwhile waits so
  // long.
  Durations turns;

  // Of clients' connections.
  Count accepted;
  Count closed;
  Count handshakes;  // of TLS, that succeeded
  CountsByWord handshake_failures;
  CountsByWord cut_off;         // by why
  CountsByWord http1_refusals;  // requests that can't be read or served as HTTP/1.1, by why
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_COUNTS_H_
