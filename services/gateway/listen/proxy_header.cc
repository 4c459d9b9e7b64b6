#include "services/gateway/listen/proxy_header.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace baliprocess::gateway {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature1 = "PROXY ";
constexpr std::string_view kSignature2 = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr size_t kMaxLine = 107;  // of version 1, its end included
constexpr size_t kFixed = 16;     // bytes of version 2 before the addresses

absl::Status Malformed(const char* what) { return absl::InvalidArgumentError(what); }

bool BeginsLike(std::string_view bytes, std::string_view signature) {
  const size_t size = std::min(bytes.size(), signature.size());
  return bytes.substr(0, size) == signature.substr(0, size);
}

bool IsPort(absl::string_view text) {
  uint32_t port = 0;
  return absl::SimpleAtoi(text, &port) && port <= 0xffff;
}

// `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n`.
absl::StatusOr<ProxyHeader> ReadVersion1(std::string_view bytes) {
  const std::string_view within = bytes.substr(0, kMaxLine);
  const size_t end = within.find("\r\n");
  if (end == std::string_view::npos) {
    if (within.size() == kMaxLine) return Malformed("the PROXY header's line has no end");
    return ProxyHeader();
  }
  ProxyHeader header = {.size = end + 2, .client = std::nullopt};
  const std::string line(within.substr(0, end));
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  if (words.size() >= 2 && words[1] == "UNKNOWN") return header;
  const bool v4 = words.size() == 6 && words[1] == "TCP4";
  const bool v6 = words.size() == 6 && words[1] == "TCP6";
  if (!v4 && !v6) return Malformed("the PROXY header is of no kind that exists");
  header.client = IpAddress(words[2]);
  const auto family = v4 ? AF_INET : AF_INET6;
  if (!header.client || header.client->storage.ss_family != family || !IpAddress(words[3]) ||
      !IsPort(words[4]) || !IsPort(words[5])) {
    return Malformed("the PROXY header has no addresses and ports");
  }
  return header;
}

std::optional<SocketAddress> ClientIn(uint8_t family, std::string_view addresses) {
  SocketAddress client;
  if (family == AF_INET) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&client.storage);
    v4->sin_family = AF_INET;
    memcpy(&v4->sin_addr, addresses.data(), sizeof(v4->sin_addr));
    client.size = sizeof(*v4);
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&client.storage);
    v6->sin6_family = AF_INET6;
    memcpy(&v6->sin6_addr, addresses.data(), sizeof(v6->sin6_addr));
    client.size = sizeof(*v6);
  }
  return client;
}

absl::StatusOr<ProxyHeader> ReadVersion2(std::string_view bytes) {
  if (bytes.size() < kFixed) return ProxyHeader();
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t command = byte(12) & 0x0f;
  if (byte(12) >> 4 != 2 || command > 1) return Malformed("the PROXY header's version isn't 2");
  const size_t length = static_cast<size_t>(byte(14)) << 8 | byte(15);
  if (kFixed + length > kMaxProxyHeader) return Malformed("the PROXY header is too large");
  if (bytes.size() < kFixed + length) return ProxyHeader();
  ProxyHeader header = {.size = kFixed + length, .client = std::nullopt};
  if (command == 0) return header;
  constexpr uint8_t kTcp4 = 0x11, kTcp6 = 0x21;
  const size_t addresses = byte(13) == kTcp4 ? 12 : byte(13) == kTcp6 ? 36 : 0;
  if (length < addresses) return Malformed("the PROXY header has no addresses");
  if (addresses == 0) return header;
  header.client = ClientIn(byte(13) == kTcp4 ? AF_INET : AF_INET6, bytes.substr(kFixed, addresses));
  return header;
}

}  // namespace

absl::StatusOr<ProxyHeader> ReadProxyHeader(std::string_view bytes) {
  if (!BeginsLike(bytes, kSignature2)) {
    if (!BeginsLike(bytes, kSignature1)) return Malformed("there is no PROXY header");
    return ReadVersion1(bytes);
  }
  return ReadVersion2(bytes);
}

}  // namespace baliprocess::gateway
