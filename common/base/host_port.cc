#include "common/base/host_port.h"

#include <charconv>

#include "absl/strings/str_cat.h"

namespace baliprocess {

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

}  // namespace baliprocess
