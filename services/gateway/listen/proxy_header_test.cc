#include "services/gateway/listen/proxy_header.h"

#include <gtest/gtest.h>

#include "common/testing/matchers.h"

namespace baliprocess::gateway {
namespace {

using namespace std::string_literals;

std::string Version2(const std::string& kind, const std::string& rest) {
  return "\r\n\r\n\0\r\nQUIT\n"s + kind + std::string(1, static_cast<char>(rest.size() >> 8)) +
         std::string(1, static_cast<char>(rest.size() & 0xff)) + rest;
}

const std::string kV4 = "\xc0\x00\x02\x01\xc0\x00\x02\x02\xdc\x04\x01\xbb"s;
const std::string kV6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"s +
                        "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x02\xdc\x04\x01\xbb"s;

// Who it is; "none" when it says so.
std::string ClientOfHeader(const std::string& bytes) {
  const auto header = ReadProxyHeader(bytes + "more");
  if (!header.ok()) return "malformed";
  EXPECT_EQ(header->size, bytes.size());
  return header->client ? ClientOf(*header->client) : "none";
}

TEST(ProxyHeaderTest, NamesTheClient) {
  EXPECT_EQ(ClientOfHeader("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"), "192.0.2.1");
  EXPECT_EQ(ClientOfHeader("PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n"), "2001:db8::/64");
  EXPECT_EQ(ClientOfHeader(Version2("\x21\x11", kV4)), "192.0.2.1");
  EXPECT_EQ(ClientOfHeader(Version2("\x21\x11", kV4 + "\x04\x00\x02"
                                                      "ab"s)),
            "192.0.2.1");
  EXPECT_EQ(ClientOfHeader(Version2("\x21\x21", kV6)), "2001:db8::/64");
}

TEST(ProxyHeaderTest, OrSaysThatThereIsNone) {
  EXPECT_EQ(ClientOfHeader("PROXY UNKNOWN\r\n"), "none");
  EXPECT_EQ(ClientOfHeader("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "none");
  EXPECT_EQ(ClientOfHeader(Version2("\x20\x11", kV4)), "none") << "LOCAL";
  EXPECT_EQ(ClientOfHeader(Version2("\x20\x00"s, "")), "none");
  EXPECT_EQ(ClientOfHeader(Version2("\x21\x00"s, "")), "none");
  EXPECT_EQ(ClientOfHeader(Version2("\x21\x31", std::string(216, 'x'))), "none");
}

TEST(ProxyHeaderTest, WaitsUntilItIsWhole) {
  for (const std::string& whole :
       {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"s, Version2("\x21\x11", kV4)}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      ASSERT_OK_AND_ASSIGN(const ProxyHeader header, ReadProxyHeader(whole.substr(0, size)));
      EXPECT_EQ(header.size, 0u) << size;
    }
  }
}

TEST(ProxyHeaderTest, MalformedIsAnError) {
  for (const std::string& bytes :
       {"GET / HTTP/1.1\r\n"s, "PRI * HTTP/2.0"s, "\x16\x03\x01"s, "PROXY \r\n"s,
        "PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n"s, "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n"s,
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n"s, "PROXY TCP9 192.0.2.1 192.0.2.2 1 2\r\n"s,
        "PROXY TCP4 192.0.2.300 192.0.2.2 1 2\r\n"s, "PROXY "s + std::string(200, 'x'),
        Version2("\x11\x11", kV4), Version2("\x22\x11", kV4), Version2("\x21\x11", kV4.substr(1)),
        Version2("\x21\x11", std::string(4081, 'x'))}) {
    EXPECT_EQ(ClientOfHeader(bytes), "malformed") << bytes;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
