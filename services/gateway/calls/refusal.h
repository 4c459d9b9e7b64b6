// Replies that the gateway gives itself: a status and nothing else.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_REFUSAL_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_REFUSAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "services/gateway/calls/client_stream.h"

namespace baliprocess::gateway {

// Answers the stream with a trailers-only gRPC reply: grpc-status, grpc-message and, when the
// status has details, grpc-status-details-bin. After repeats, grpc-previous-rpc-attempts says how
// many tries there were before the last.
void SendRefusal(ClientStream& client, const absl::Status& status, int previous_attempts = 0);

// Ends a reply that has begun with the same in trailers, from within Body::Read.
void SendRefusalTrailers(ClientStream& client, const absl::Status& status);

// Answers what isn't a gRPC call with an HTTP status such as "405".
void SendHttpStatus(ClientStream& client, std::string_view http_status);

// The gRPC status of a stream that a service ended with RST_STREAM and this HTTP/2 error code.
absl::Status StatusOfReset(uint32_t error_code);

// The gRPC status of a reply that isn't gRPC's, but that of a proxy before the service, as gRPC's
// own clients read it (http-grpc-status-mapping.md of gRPC).
absl::Status StatusOfHttp(int http_status);

// TEMPORARILY_UNAVAILABLE, of a service, and when the caller may come again.
absl::Status ComeAgain(std::string_view why);

// No address of the service can be connected to.
absl::Status Unreachable();

// What streams are told when the gateway ends: that they may go on elsewhere.
absl::Status GatewayClosing();

// Text as `grpc-message` carries it.
std::string PercentEncode(std::string_view text);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_REFUSAL_H_
