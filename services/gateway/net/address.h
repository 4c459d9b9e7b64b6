// Addresses as people write them.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_ADDRESS_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_ADDRESS_H_

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "common/base/host_port.h"

namespace baliprocess::gateway {

// Whether an address of a service can be used: `host:port`, `[v6]:port` or `unix:/path`.
absl::Status CheckAddress(std::string_view text);

// As sockets take it; of any family.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// The addresses of a host, by the system's resolver: waits for it. Empty when it isn't known.
std::vector<SocketAddress> LookUp(const HostPort& host_port);

// The same of a host that is a number, without waiting; nothing when it isn't.
std::optional<SocketAddress> NumericAddress(const HostPort& host_port);

// An address of IP without a port, by its text: `192.0.2.1` or `2001:db8::1`.
std::optional<SocketAddress> IpAddress(const std::string& text);

// Of a Unix socket; the path was checked.
SocketAddress UnixAddress(std::string_view path);

// Who is at this address, as limits and logs know clients: an IPv4 address, also one that comes as
// ::ffff:a.b.c.d, is itself; of IPv6 it is the network of 64 bits (2001:db8:1:2::/64), as everybody
// has one of these to choose addresses from (RFC 7934).
std::string ClientOf(const SocketAddress& address);
// The host alone, in full: `192.0.2.1`, also of ::ffff:192.0.2.1, or `2001:db8::1`; empty of a Unix
// socket.
std::string HostOf(const SocketAddress& address);
// As people write it: `host:port` with a number for the host, `[v6]:port` or `unix:/path`.
std::string ToText(const SocketAddress& address);
// The port; 0 of a Unix socket.
int PortOf(const SocketAddress& address);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_ADDRESS_H_
