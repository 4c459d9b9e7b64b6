// What operators may see of a running gateway. All of it may be asked on any thread.

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_INSPECTION_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_INSPECTION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "common/telemetry/call_listing.h"
#include "services/gateway/calls/call_counts.h"
#include "services/gateway/calls/repeat_budget.h"
#include "services/gateway/calls/routes.h"
#include "services/gateway/calls/waiting_room.h"
#include "services/gateway/net/counts.h"
#include "services/gateway/upstream/endpoint_stats.h"

namespace baliprocess::gateway {

class Inspection {
 public:
  virtual const Routes& routes() const = 0;
  // Names of the services that the gateway forwards to: `baliprocess.membership.v1.…`.
  virtual std::vector<std::string> services() const = 0;

  // Of each event loop, by its index.
  virtual size_t loops() const = 0;
  virtual const LoopCounts& loop_counts(size_t loop) const = 0;
  virtual const CallCounts& call_counts(size_t loop) const = 0;
  virtual std::vector<EndpointSnapshot> endpoints(size_t loop) const = 0;
  // Of calls to services()[service].
  virtual const RepeatBudget& repeats(size_t loop, size_t service) const = 0;
  // Of calls that wait for services()[service], of all loops.
  virtual const WaitingRoom& waiting(size_t service) const = 0;

  // Whether services()[service] could be reached at some time since the start.
  virtual bool reached(size_t service) const = 0;

  // Connections of clients that had no place.
  virtual const CountsByWord& refused_connections() const = 0;
  virtual bool draining() const = 0;

  // Asks the loops, and waits for them so long at most. At most `most` calls of each.
  virtual telemetry::CallListing calls(size_t most, absl::Duration patience) = 0;

 protected:
  ~Inspection() = default;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_INSPECTION_H_
