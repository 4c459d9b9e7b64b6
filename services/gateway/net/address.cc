#include "services/gateway/net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/un.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace baliprocess::gateway {
namespace {

std::vector<SocketAddress> AddressInfo(const HostPort& host_port, int flags) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(host_port.port);
  if (getaddrinfo(host_port.host.c_str(), port.c_str(), &hints, &found) != 0) return {};
  std::vector<SocketAddress> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.size = info->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses;
}

}  // namespace

absl::Status CheckAddress(std::string_view text) {
  if (text.starts_with("unix:")) {
    constexpr size_t kMaxPath = 107;  // sockaddr_un, with its final NUL
    if (text.size() > 5 && text.size() - 5 <= kMaxPath) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("not a socket's path: ", std::string(text)));
  }
  return SplitHostPort(text).status();
}

std::vector<SocketAddress> LookUp(const HostPort& host_port) {
  return AddressInfo(host_port, AI_ADDRCONFIG);
}

std::optional<SocketAddress> NumericAddress(const HostPort& host_port) {
  const auto addresses = AddressInfo(host_port, AI_NUMERICHOST);
  if (addresses.empty()) return std::nullopt;
  return addresses.front();
}

std::optional<SocketAddress> IpAddress(const std::string& text) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    address.size = sizeof(*v4);
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) != 1) return std::nullopt;
  v6->sin6_family = AF_INET6;
  address.size = sizeof(*v6);
  return address;
}

SocketAddress UnixAddress(std::string_view path) {
  SocketAddress address;
  auto* unix = reinterpret_cast<sockaddr_un*>(&address.storage);
  unix->sun_family = AF_UNIX;
  path.copy(unix->sun_path, sizeof(unix->sun_path) - 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

std::string HostOf(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr;
    return inet_ntop(AF_INET, &v4, text, sizeof(text)) == nullptr ? "" : text;
  }
  if (address.storage.ss_family != AF_INET6) return "";
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr;
  constexpr size_t kV4 = sizeof(v6.s6_addr) - sizeof(in_addr);
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    return inet_ntop(AF_INET, &v6.s6_addr[kV4], text, sizeof(text)) == nullptr ? "" : text;
  }
  return inet_ntop(AF_INET6, &v6, text, sizeof(text)) == nullptr ? "" : text;
}

std::string ClientOf(const SocketAddress& address) {
  std::string host = HostOf(address);
  if (host.find(':') == std::string::npos || host == "::1") return host;
  SocketAddress network = address;
  auto& bytes = reinterpret_cast<sockaddr_in6*>(&network.storage)->sin6_addr.s6_addr;
  constexpr size_t kHalf = sizeof(bytes) / 2;
  memset(&bytes[kHalf], 0, kHalf);
  return absl::StrCat(HostOf(network), "/64");
}

std::string ToText(const SocketAddress& address) {
  if (address.storage.ss_family == AF_UNIX) {
    return absl::StrCat("unix:", reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path);
  }
  char host[INET6_ADDRSTRLEN] = "";
  const bool v6 = address.storage.ss_family == AF_INET6;
  if (getnameinfo(address.get(), address.size, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0)
    return "";
  return absl::StrCat(v6 ? "[" : "", host, v6 ? "]:" : ":", PortOf(address));
}

int PortOf(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  }
  if (address.storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
  }
  return 0;
}

}  // namespace baliprocess::gateway
