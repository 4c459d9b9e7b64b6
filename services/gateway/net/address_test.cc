// Which addresses are addresses.

#include "services/gateway/net/address.h"

#include <gmock/gmock.h>

#include "common/testing/matchers.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;

TEST(AddressTest, ReadsAndRefuses) {
  ASSERT_OK_AND_ASSIGN(const HostPort v6, SplitHostPort("[::1]:65535"));
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.port, 65535);
  for (const char* text : {"", "a", ":1", "a:", "a:65536", "a:-1", "a:1x", "::1:80", "[]:1"}) {
    EXPECT_FALSE(CheckAddress(text).ok()) << text;
  }
  EXPECT_FALSE(CheckAddress("unix:").ok());
  EXPECT_FALSE(CheckAddress("unix:/" + std::string(107, 'x')).ok());
  EXPECT_THAT(CheckAddress("unix:/" + std::string(106, 'x')), IsOk());
}

std::string ClientAt(const std::string& host) {
  const auto address = NumericAddress({host, 1});
  return address ? ClientOf(*address) : "not an address";
}

TEST(AddressTest, ClientsAreKnownByAddressOrNetwork) {
  EXPECT_EQ(ClientAt("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(ClientAt("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(ClientAt("2001:db8:1:2::3"), "2001:db8:1:2::/64");
  EXPECT_EQ(ClientAt("2001:db8:1:2:ffff::"), ClientAt("2001:db8:1:2::3"));
  EXPECT_NE(ClientAt("2001:db8:1:3::3"), ClientAt("2001:db8:1:2::3"));
  EXPECT_EQ(ClientAt("::1"), "::1");
}

TEST(AddressTest, AHostIsToldInFull) {
  EXPECT_EQ(HostOf(*NumericAddress({"192.0.2.1", 1})), "192.0.2.1");
  EXPECT_EQ(HostOf(*NumericAddress({"::ffff:192.0.2.1", 1})), "192.0.2.1");
  EXPECT_EQ(HostOf(*NumericAddress({"2001:db8:1:2::3", 1})), "2001:db8:1:2::3");
  EXPECT_EQ(HostOf(UnixAddress("/tmp/x")), "");
}

}  // namespace
}  // namespace baliprocess::gateway
