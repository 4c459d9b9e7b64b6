// Whose request a proxy passes on, by the header fields that proxies write.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_FORWARDED_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_FORWARDED_H_

#include <optional>
#include <string_view>
#include <vector>

#include "services/gateway/calls/request_head.h"
#include "services/gateway/net/address.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// The client behind the trusted proxy that a request comes from. Each proxy adds whom it has the
// request from at the end of the field that Options::client_address names, so the client is the
// last there who isn't a trusted proxy: what stands before was written by the client itself, who
// may say anything. Nothing when the field doesn't tell, as with `for=unknown`.
std::optional<SocketAddress> ClientBehind(const RequestHead& head, const Options& options);

// The addresses of a `forwarded` field (RFC 7239), from the last to the first, up to the first that
// can't be read.
std::vector<SocketAddress> ForwardedAddresses(std::string_view list);

// The same of `x-forwarded-for`.
std::vector<SocketAddress> ForwardedForAddresses(std::string_view list);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_FORWARDED_H_
