#include "services/gateway/address.h"

#include <arpa/inet.h>

#include <charconv>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::gateway {

absl::StatusOr<HostPort> SplitHostPort(std::string_view text) {
  HostPort result;
  const size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    host = {};
  const std::string_view port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (host.empty() || port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not an address (host:port): ", std::string(text)));
  }
  result.host = host;
  return result;
}

absl::Status CheckAddress(std::string_view text) {
  if (text.starts_with("unix:")) {
    constexpr size_t kMaxPath = 107;  // sockaddr_un, with its final NUL
    if (text.size() > 5 && text.size() - 5 <= kMaxPath) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("not a socket's path: ", std::string(text)));
  }
  return SplitHostPort(text).status();
}

bool IsLocal(std::string_view address) {
  if (address.starts_with("unix:")) return true;
  const auto host_port = SplitHostPort(address);
  if (!host_port.ok()) return false;
  const std::string& host = host_port->host;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  return host == "::1" || host == "localhost";
}

}  // namespace baliprocess::gateway
