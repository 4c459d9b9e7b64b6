// How a gRPC call went, as its trailers say, and how that is told by HTTP.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_GRPC_STATUS_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_GRPC_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

#include "services/gateway/web/local_reply.h"
#include "services/gateway/web/text_fields.h"

namespace baliprocess::gateway {

// UNKNOWN when the trailers have no status.
google::rpc::Status StatusOf(const TextFields& trailers);

// A reply of HTTP: what it is, and the fields beside `content-length`.
struct HttpReply {
  int http_status = 200;
  TextFields fields;
  std::string body;
};

// The error as JSON, with the HTTP status of google/rpc/code.proto, and with `retry-after` when the
// status has a RetryInfo.
HttpReply ErrorReply(const google::rpc::Status& status);

// What the gateway answers itself: an error with an HTTP status that no gRPC code stands for.
LocalAnswer ErrorAnswer(int http_status, const absl::Status& status, TextFields fields = {});

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_GRPC_STATUS_H_
