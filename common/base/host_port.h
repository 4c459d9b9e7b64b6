// Addresses as people write them.

#ifndef BALIPROCESS_COMMON_BASE_HOST_PORT_H_
#define BALIPROCESS_COMMON_BASE_HOST_PORT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess {

struct HostPort {
  std::string host;  // without brackets
  uint16_t port = 0;
};

// Reads `host:port` or `[v6]:port`.
absl::StatusOr<HostPort> SplitHostPort(std::string_view text);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_HOST_PORT_H_
