// Who is behind a proxy. The PROXY header in a connection's first bytes: it is read or refused, and
// is one thing, however many bytes follow or are still to come. Lists of addresses in header
// fields: whatever a client has written there, what the proxy adds at the end is what counts.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/calls/forwarded.h"
#include "services/gateway/listen/proxy_header.h"

namespace {

using baliprocess::gateway::ClientOf;
using baliprocess::gateway::ForwardedAddresses;
using baliprocess::gateway::ForwardedForAddresses;
using baliprocess::gateway::kMaxProxyHeader;
using baliprocess::gateway::ProxyHeader;
using baliprocess::gateway::ReadProxyHeader;
using baliprocess::gateway::SocketAddress;

constexpr char kAdded[] = "192.0.2.7";

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

std::string Text(const ProxyHeader& header) {
  return std::to_string(header.size) + " " + (header.client ? ClientOf(*header.client) : "");
}

void CheckHeader(std::string_view bytes) {
  const auto header = ReadProxyHeader(bytes);
  if (!header.ok()) return;
  Require(header->size <= bytes.size() && header->size <= kMaxProxyHeader, "size");
  if (header->size == 0) {
    Require(!header->client, "a client before the header is whole");
    Require(bytes.size() < kMaxProxyHeader, "a header without an end");
    return;
  }
  const auto followed = ReadProxyHeader(std::string(bytes) + "PROXY ");
  Require(followed.ok() && Text(*followed) == Text(*header), "what follows matters");
  for (size_t size = 0; size < header->size; ++size) {
    const auto part = ReadProxyHeader(bytes.substr(0, size));
    Require(part.ok() && part->size == 0, "a part is taken for the whole");
  }
}

void CheckLast(const std::vector<SocketAddress>& addresses) {
  Require(!addresses.empty() && ClientOf(addresses.front()) == kAdded, "the client has the word");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckHeader(bytes);
  const std::string list(bytes);
  CheckLast(ForwardedAddresses(list + ", for=" + kAdded));
  CheckLast(ForwardedAddresses(list + ", proto=https;for=\"" + kAdded + ":80\""));
  CheckLast(ForwardedForAddresses(list + ", " + kAdded));
  return 0;
}
