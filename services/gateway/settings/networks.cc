#include "services/gateway/settings/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::gateway {
namespace {

constexpr size_t kV4At = 12;  // of the bytes of ::ffff:a.b.c.d
constexpr int kBits = 128;

}  // namespace

Networks::Bytes Networks::BytesOf(const sockaddr_storage& address) {
  Bytes bytes = {};
  if (address.ss_family == AF_INET6) {
    memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, bytes.size());
  } else if (address.ss_family == AF_INET) {
    bytes[kV4At - 1] = bytes[kV4At - 2] = 0xff;
    memcpy(&bytes[kV4At], &reinterpret_cast<const sockaddr_in&>(address).sin_addr, sizeof(in_addr));
  }
  return bytes;
}

Networks::Bytes Networks::WithoutHost(const Network& network) {
  Bytes bytes = network.first;
  for (int bit = network.bits; bit < kBits; ++bit) {
    bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> (bit % 8)));
  }
  return bytes;
}

absl::StatusOr<Networks::Network> Networks::ParseOne(const std::string& entry) {
  const size_t slash = entry.find('/');
  const std::string host = entry.substr(0, slash);
  sockaddr_storage address = {};
  int width = 32;
  if (inet_pton(AF_INET, host.c_str(), &reinterpret_cast<sockaddr_in&>(address).sin_addr) == 1) {
    address.ss_family = AF_INET;
  } else if (inet_pton(AF_INET6, host.c_str(),
                       &reinterpret_cast<sockaddr_in6&>(address).sin6_addr) == 1) {
    address.ss_family = AF_INET6;
    width = kBits;
  }
  int bits = width;
  const bool number =
      slash == std::string::npos || absl::SimpleAtoi(entry.substr(slash + 1), &bits);
  if (address.ss_family == 0 || !number || bits < 0 || bits > width) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a network such as 10.0.0.0/8 or 2001:db8::/32: ", entry));
  }
  const Network network = {BytesOf(address), bits + kBits - width};
  if (WithoutHost(network) == network.first) return network;
  return absl::InvalidArgumentError(
      absl::StrCat("not a network, as it has bits behind its length: ", entry));
}

absl::StatusOr<Networks> Networks::Parse(const std::vector<std::string>& entries) {
  Networks list;
  for (const std::string& entry : entries) {
    ASSIGN_OR_RETURN(list.networks_.emplace_back(), ParseOne(entry));
  }
  return list;
}

bool Networks::Contain(const sockaddr_storage& address) const {
  if (networks_.empty()) return false;
  const Bytes bytes = BytesOf(address);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return WithoutHost({bytes, network.bits}) == network.first;
  });
}

}  // namespace baliprocess::gateway
