// The header by which a balancer tells whose connection it passes on: the PROXY protocol, versions
// 1 and 2 (haproxy.org/download/2.6/doc/proxy-protocol.txt).

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_PROXY_HEADER_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_PROXY_HEADER_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

#include "services/gateway/net/address.h"

namespace baliprocess::gateway {

struct ProxyHeader {
  size_t size = 0;  // in bytes; 0: it isn't whole yet
  // Nothing: the connection is the balancer's own (LOCAL), or of a kind that has no address of IP
  // (UNKNOWN, AF_UNSPEC, AF_UNIX).
  std::optional<SocketAddress> client;
};

// The largest header that is taken: of version 2, with what it says beside addresses, which isn't
// looked at.
inline constexpr size_t kMaxProxyHeader = 4096;

// Reads the header in a connection's first bytes. INVALID_ARGUMENT when they don't begin with one.
absl::StatusOr<ProxyHeader> ReadProxyHeader(std::string_view bytes);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_PROXY_HEADER_H_
