// What the event loops have in common of one service. Each has a Backend of its own besides.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_SHARED_SERVICE_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_SHARED_SERVICE_H_

#include <atomic>
#include <string>

#include "services/gateway/calls/waiting_room.h"
#include "services/gateway/settings/options.h"
#include "services/gateway/upstream/shared_logs.h"

namespace baliprocess::gateway {

struct SharedService {
  // `full_name` is `baliprocess.membership.v1.MembershipService`.
  SharedService(const std::string& full_name, const Limits& limits)
      : name(full_name),
        waiting(full_name, limits.max_waiting_calls, limits.max_waiting_bytes),
        logs(full_name) {}

  const std::string name;
  // An event loop has had an address that it could send calls to.
  std::atomic<bool> reached = false;
  WaitingRoom waiting;
  SharedLogs logs;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_SHARED_SERVICE_H_
