// Calls in flight, as operators see them.

#ifndef BALIPROCESS_COMMON_TELEMETRY_CALL_LISTING_H_
#define BALIPROCESS_COMMON_TELEMETRY_CALL_LISTING_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace baliprocess::telemetry {

struct CallDescription {
  std::string method;    // `/package.Service/Method`, or `unknown`
  std::string subject;   // of its caller's token; empty: it has none
  std::string peer;      // the address of who is connected: of a service the gateway's
  std::string upstream;  // of a gateway: where it went; empty: it isn't on its way
  std::string trace_id;  // empty: there is none yet
  absl::Duration age;
};

// Some of the calls when they are many.
struct CallListing {
  std::vector<CallDescription> calls;  // of each part of the process the oldest first
  size_t in_flight = 0;                // how many there are
  size_t silent_loops = 0;             // of a gateway's event loops, which didn't answer in time
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_CALL_LISTING_H_
