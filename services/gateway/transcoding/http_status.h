// How a call's status is told by HTTP.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_HTTP_STATUS_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_HTTP_STATUS_H_

#include <string>

#include "google/rpc/status.pb.h"

namespace baliprocess::gateway {

// The HTTP status of a gRPC code: "HTTP Mapping" in google/rpc/code.proto. 500 for what isn't a
// code.
int HttpStatusOf(int code);

// An error as ProtoJSON of google.rpc.Status: {"code": 5, "message": "...", "details": [...]}, bare
// and not within `error`, as AIP-193 defines the message. Details of types that aren't compiled in
// are told by their type and their bytes (json_writer.h).
std::string ErrorJson(const google::rpc::Status& status);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_HTTP_STATUS_H_
