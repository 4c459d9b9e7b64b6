// Errors between absl::Status, as the suite's own code has them, and grpc::Status, as calls do.

#ifndef BALIPROCESS_COMMON_RPC_STATUS_BRIDGE_H_
#define BALIPROCESS_COMMON_RPC_STATUS_BRIDGE_H_

#include <grpcpp/support/status.h>

#include <string_view>

#include "absl/status/status.h"

namespace baliprocess::rpc {

// What a caller may be told of an error. One with a reason of ours is told as it is. One without
// (a driver's words, a defect), and INTERNAL_ERROR, is logged as error under the id of the call and
// replaced: the caller gets INTERNAL_ERROR, a neutral text and the id as `request_id`.
absl::Status Presentable(const absl::Status& status, std::string_view method,
                         std::string_view call_id);

// The gRPC status, with the google.rpc.Status as its details. Text and details are cut to what fits
// into the headers that every client accepts (8 KiB): the last violations of a BadRequest go first.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The reverse, for errors that a peer answered. UNAVAILABLE and DEADLINE_EXCEEDED of gRPC itself
// become TEMPORARILY_UNAVAILABLE and DEADLINE_PASSED, their text going to the log.
absl::Status FromGrpcStatus(const grpc::Status& status, std::string_view peer);

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_STATUS_BRIDGE_H_
