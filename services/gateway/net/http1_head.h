// What the fields of a request of HTTP/1.1 say of the message itself and of its connection.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_HEAD_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_HEAD_H_

#include <optional>
#include <string_view>

#include "services/gateway/net/http1_parser.h"

namespace baliprocess::gateway {

// Takes the method, the target as it stands in the request's line, and all fields as they came,
// names in lower case; fills in the rest of the head. What is wrong with it, or nothing.
std::optional<Http1Fault> CompleteHead(std::string_view target, Http1Head& head);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_HEAD_H_
