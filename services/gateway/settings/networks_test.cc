#include "services/gateway/settings/networks.h"

#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "services/gateway/net/address.h"

namespace baliprocess::gateway {
namespace {

bool Contain(const Networks& networks, const std::string& text) {
  const auto address = IpAddress(text);
  EXPECT_TRUE(address) << text;
  return address && networks.Contain(address->storage);
}

TEST(NetworksTest, ContainAddresses) {
  ASSERT_OK_AND_ASSIGN(const Networks networks,
                       Networks::Parse({"10.0.0.0/8", "192.0.2.7", "2001:db8:4000::/34"}));
  for (const char* in : {"10.0.0.0", "10.255.255.255", "192.0.2.7",
                         "2001:db8:4000::", "2001:db8:7fff:ffff::1", "::ffff:10.1.2.3"}) {
    EXPECT_TRUE(Contain(networks, in)) << in;
  }
  for (const char* out : {"11.0.0.0", "9.255.255.255", "192.0.2.8", "2001:db8:8000::", "::1",
                          "2001:db9:4000::", "::10.1.2.3"}) {
    EXPECT_FALSE(Contain(networks, out)) << out;
  }
}

TEST(NetworksTest, EverythingAndNothing) {
  ASSERT_OK_AND_ASSIGN(const Networks all, Networks::Parse({"0.0.0.0/0", "::/0"}));
  EXPECT_TRUE(Contain(all, "192.0.2.1"));
  EXPECT_TRUE(Contain(all, "2001:db8::1"));
  EXPECT_FALSE(Contain(Networks(), "192.0.2.1"));
  ASSERT_OK_AND_ASSIGN(const Networks v4, Networks::Parse({"0.0.0.0/0"}));
  EXPECT_FALSE(Contain(v4, "2001:db8::1"));
}

TEST(NetworksTest, RefuseWhatIsNone) {
  for (const char* entry : {"", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x",
                            "10.0.0.1/8", "2001:db8::1/64", "::/129", "example.org/8"}) {
    EXPECT_FALSE(Networks::Parse({entry}).ok()) << entry;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
