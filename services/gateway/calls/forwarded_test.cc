#include "services/gateway/calls/forwarded.h"

#include <gmock/gmock.h>

#include "absl/strings/str_join.h"

#include "common/testing/matchers.h"

namespace baliprocess::gateway {
namespace {

std::string Text(const std::vector<SocketAddress>& addresses) {
  return absl::StrJoin(addresses, " ", [](std::string* out, const SocketAddress& address) {
    out->append(ClientOf(address));
  });
}

TEST(ForwardedTest, AddressesFromTheLastOn) {
  EXPECT_EQ(Text(ForwardedAddresses("for=192.0.2.43, for=198.51.100.17")),
            "198.51.100.17 192.0.2.43");
  EXPECT_EQ(Text(ForwardedAddresses(
                "For=\"[2001:db8:cafe::17]:4711\", for=192.0.2.60;proto=http;by=203.0.113.43")),
            "192.0.2.60 2001:db8:cafe::/64");
  EXPECT_EQ(Text(ForwardedAddresses("host=\"a,b;for=1.1.1.1\";for=\"192.0.2.1:80\"")), "192.0.2.1");
  EXPECT_EQ(Text(ForwardedAddresses("")), "");
}

TEST(ForwardedTest, UpToTheFirstThatCannotBeRead) {
  for (const char* before : {"for=unknown", "for=_hidden", "for=192.0.2.300", "by=192.0.2.1", "x",
                             "for=\"192.0.2.1", "for=[2001:db8::1"}) {
    EXPECT_EQ(Text(ForwardedAddresses(std::string("for=192.0.2.9, ") + before + ", for=192.0.2.2")),
              "192.0.2.2")
        << before;
  }
  EXPECT_EQ(Text(ForwardedAddresses("for=192.0.2.2, for=unknown")), "");
}

TEST(ForwardedTest, ForwardedFor) {
  EXPECT_EQ(Text(ForwardedForAddresses("192.0.2.1, 2001:db8::1,[2001:db8:1::1]:80, 192.0.2.2:99")),
            "192.0.2.2 2001:db8:1::/64 2001:db8::/64 192.0.2.1");
  EXPECT_EQ(Text(ForwardedForAddresses("192.0.2.1, localhost")), "");
}

class ClientBehindTest : public ::testing::Test {
 protected:
  ClientBehindTest() {
    options_.trusted_proxies = *Networks::Parse({"10.0.0.0/8"});
    options_.client_address = ClientAddress::kForwarded;
  }

  std::string Client(const std::vector<std::pair<std::string, std::string>>& fields) {
    RequestHead head;
    for (const auto& [name, value] : fields) head.Add(ReceivedField(name, value));
    const auto client = ClientBehind(head, options_);
    return client ? ClientOf(*client) : "none";
  }

  Options options_;
};

TEST_F(ClientBehindTest, IsTheLastWhoIsNoProxy) {
  EXPECT_EQ(Client({{"forwarded", "for=1.1.1.1, for=192.0.2.1, for=10.0.0.7"}}), "192.0.2.1");
  EXPECT_EQ(Client({{"forwarded", "for=1.1.1.1"}, {"forwarded", "for=192.0.2.1"}}), "192.0.2.1");
  EXPECT_EQ(Client({{"forwarded", "for=\""}, {"forwarded", "for=192.0.2.1"}}), "192.0.2.1");
  EXPECT_EQ(Client({{"forwarded", "for=10.0.0.9, for=10.0.0.7"}}), "10.0.0.9") << "within";
  EXPECT_EQ(Client({{"forwarded", "for=192.0.2.1, for=unknown"}}), "none");
  EXPECT_EQ(Client({}), "none");
}

TEST_F(ClientBehindTest, IsInTheFieldThatProxiesWrite) {
  EXPECT_EQ(Client({{"x-forwarded-for", "192.0.2.1"}}), "none");
  options_.client_address = ClientAddress::kXForwardedFor;
  EXPECT_EQ(Client({{"x-forwarded-for", "192.0.2.1"}, {"forwarded", "for=1.1.1.1"}}), "192.0.2.1");
}

}  // namespace
}  // namespace baliprocess::gateway
