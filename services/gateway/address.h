// Addresses as people write them.

#ifndef BALIPROCESS_SERVICES_GATEWAY_ADDRESS_H_
#define BALIPROCESS_SERVICES_GATEWAY_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess::gateway {

struct HostPort {
  std::string host;  // without brackets
  uint16_t port = 0;
};

// Reads `host:port` or `[v6]:port`.
absl::StatusOr<HostPort> SplitHostPort(std::string_view text);

// Whether an address of a service can be used: as above, or `unix:/path`.
absl::Status CheckAddress(std::string_view text);

// Whether what is sent there stays on this machine: a loopback address, `localhost` or `unix:`.
bool IsLocal(std::string_view address);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_ADDRESS_H_
