// Addresses that no packet leaves the machine for.

#ifndef BALIPROCESS_COMMON_BASE_LOOPBACK_H_
#define BALIPROCESS_COMMON_BASE_LOOPBACK_H_

#include <string_view>

namespace baliprocess {

// Whether `address` (host:port, [v6]:port, unix:/path) is on loopback or a unix socket:
// 127.0.0.0/8,
// ::1 or `localhost`. A name that merely looks like such an address (127.example.org) isn't.
bool IsLoopback(std::string_view address);

// The same of a host alone, such as `127.0.0.1`, `[::1]` or `localhost`: never of a unix socket.
bool IsLoopbackHost(std::string_view host);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_LOOPBACK_H_
