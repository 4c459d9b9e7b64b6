// Replies that the gateway gives itself: a status and nothing else.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_REFUSAL_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_REFUSAL_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace baliprocess::gateway {

// Answers the stream with a trailers-only gRPC reply: grpc-status, grpc-message and, when the
// status has details, grpc-status-details-bin.
void SubmitRefusal(nghttp2_session* session, int32_t stream_id, const absl::Status& status);

// Ends a reply that has begun with the same in trailers, from within its data source.
void SubmitRefusalTrailers(nghttp2_session* session, int32_t stream_id, const absl::Status& status);

// Answers what isn't a gRPC call with an HTTP status such as "405".
void SubmitHttpStatus(nghttp2_session* session, int32_t stream_id, std::string_view http_status);

// The gRPC status of a stream that a service ended with RST_STREAM and this HTTP/2 error code.
absl::Status StatusOfReset(uint32_t error_code);

// What streams are told when the gateway ends: that they may go on elsewhere.
absl::Status GatewayClosing();

// Text as `grpc-message` carries it.
std::string PercentEncode(std::string_view text);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_REFUSAL_H_
