// The numbers of calls as Prometheus reads them. They have the names of go-grpc-middleware, with
// the labels grpc_type (unary, client_stream, server_stream, bidi_stream), grpc_service and
// grpc_method:
//   grpc_server_started_total                 calls that have come
//   grpc_server_handled_total{grpc_code}      and ended: OK, NotFound, ...
//   grpc_server_handling_seconds              how long they took
// All three labels are `unknown` for methods that don't exist. Of each method there is a line from
// the start for what has started and what was handled with OK; of those with one reply also for
// the codes by which the suite fails, whose alerts would miss a first value. Other lines come with
// the first call that they count.

#ifndef BALIPROCESS_COMMON_TELEMETRY_CALL_METRICS_H_
#define BALIPROCESS_COMMON_TELEMETRY_CALL_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/counts.h"
#include "common/telemetry/families.h"

namespace baliprocess::telemetry {

constexpr size_t kGrpcCodes = 17;  // OK is 0, UNAUTHENTICATED 16

// One method's.
struct CallSums {
  std::string type = "unknown";
  std::string service = "unknown";  // `baliprocess.membership.v1.MembershipService`
  std::string method = "unknown";   // `GetMember`
  uint64_t started = 0;
  std::array<uint64_t, kGrpcCodes> handled = {};  // by code
  SummedDurations took;
};

// The name of the kind of a method.
const char* TypeOfCalls(bool client_streams, bool server_streams);

void AddCalls(const std::vector<CallSums>& methods, Families& families);

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_CALL_METRICS_H_
