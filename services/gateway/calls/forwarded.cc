#include "services/gateway/calls/forwarded.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"

#include "services/gateway/calls/header_rules.h"

namespace baliprocess::gateway {
namespace {

// Takes the part behind the last separator that isn't between quotes. From the end, where the
// nearest proxy has written: whatever stands before can't change what that means.
std::string_view TakeLast(std::string_view& list, char separator) {
  bool quoted = false;
  size_t at = list.size();
  for (; at > 0; --at) {
    const char c = list[at - 1];
    if (c == '"') quoted = !quoted;
    if (c == separator && !quoted) break;
  }
  const std::string_view part = list.substr(at);
  list = list.substr(0, at == 0 ? 0 : at - 1);
  return Trimmed(part);
}

// `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]`, `[2001:db8::1]:4711`; also `2001:db8::1`, as some
// write in x-forwarded-for.
std::optional<SocketAddress> ReadNode(std::string_view node) {
  if (node.starts_with('[')) {
    const size_t end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return IpAddress(std::string(node.substr(1, end - 1)));
  }
  const size_t colon = node.find(':');
  const bool port = colon != std::string_view::npos && colon == node.rfind(':');
  return IpAddress(std::string(port ? node.substr(0, colon) : node));
}

// Of `for=192.0.2.60;proto=http;by="[2001:db8::1]"`, what `for` says.
std::string_view ForIn(std::string_view element) {
  while (!element.empty()) {
    const std::string_view pair = TakeLast(element, ';');
    if (pair.size() < 4 || !absl::StartsWithIgnoreCase({pair.data(), pair.size()}, "for="))
      continue;
    std::string_view value = pair.substr(4);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

template <typename NodeIn>
std::vector<SocketAddress> Addresses(std::string_view list, NodeIn node_in) {
  std::vector<SocketAddress> addresses;
  while (!list.empty()) {
    const auto address = ReadNode(node_in(TakeLast(list, ',')));
    if (!address) break;
    addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

std::vector<SocketAddress> ForwardedAddresses(std::string_view list) {
  return Addresses(list, ForIn);
}

std::vector<SocketAddress> ForwardedForAddresses(std::string_view list) {
  return Addresses(list, [](std::string_view element) { return element; });
}

std::optional<SocketAddress> ClientBehind(const RequestHead& head, const Options& options) {
  std::vector<SocketAddress> addresses;
  if (options.client_address == ClientAddress::kForwarded) {
    addresses = ForwardedAddresses(head.forwarded());
  } else if (options.client_address == ClientAddress::kXForwardedFor) {
    addresses = ForwardedForAddresses(head.forwarded_for());
  }
  for (const SocketAddress& address : addresses) {
    if (!options.trusted_proxies.Contain(address.storage)) return address;
  }
  if (addresses.empty()) return std::nullopt;
  return addresses.back();
}

}  // namespace baliprocess::gateway
