// Lists of networks, as operators write them.

#ifndef BALIPROCESS_SERVICES_GATEWAY_SETTINGS_NETWORKS_H_
#define BALIPROCESS_SERVICES_GATEWAY_SETTINGS_NETWORKS_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::gateway {

class Networks {
 public:
  // Reads entries such as `10.0.0.0/8`, `2001:db8::/32` and `192.0.2.7`, which is that address
  // alone. An error names the entry that isn't one, or that has bits behind its length.
  static absl::StatusOr<Networks> Parse(const std::vector<std::string>& entries);

  // Whether one of them has this address; an IPv4 address may come as ::ffff:a.b.c.d, too.
  bool Contain(const sockaddr_storage& address) const;

  bool empty() const { return networks_.empty(); }

 private:
  // IPv4 stands within ::ffff:0:0/96.
  using Bytes = std::array<uint8_t, 16>;
  struct Network {
    Bytes first;
    int bits;
  };

  static absl::StatusOr<Network> ParseOne(const std::string& entry);
  static Bytes WithoutHost(const Network& network);
  static Bytes BytesOf(const sockaddr_storage& address);

  std::vector<Network> networks_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SETTINGS_NETWORKS_H_
