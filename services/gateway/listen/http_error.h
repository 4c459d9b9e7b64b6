// Errors of HTTP itself, such as a request that can't be read, in the words of this system.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP_ERROR_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP_ERROR_H_

#include <string_view>

#include "absl/status/status.h"

namespace baliprocess::gateway {

// What such an error is called in this system: the one with which gRPC calls are refused for the
// same fault. `http_status` is 400 or more.
absl::Status ErrorOfHttp(int http_status, std::string_view what);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP_ERROR_H_
