// Clients behind a balancer, as it tells whose connections and requests it passes on.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::Scrape;
using ::testing::HasSubstr;
using ::testing::Not;

class ProxyTest : public GatewayTest {
 protected:
  ProxyTest() { options_.access_log = true; }

  void StartBehind(ClientAddress how, const std::string& networks = "127.0.0.0/8") {
    options_.client_address = how;
    options_.trusted_proxies = *Networks::Parse({networks});
    Start();
  }

  // A connection that begins with these bytes.
  std::unique_ptr<RawPeer> Connect(const std::string& bytes) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(gateway_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    return std::make_unique<RawPeer>(fd, false);
  }
  static std::string HeaderOf(const std::string& address) {
    return absl::StrCat("PROXY TCP4 ", address, " 192.0.2.2 56324 443\r\n");
  }

  // The gRPC status; empty when the connection ends without one.
  static std::string Ask(RawPeer& raw, const RawPeer::Fields& fields = {}) {
    const int32_t id = raw.Request(fields);
    raw.Until([&] { return raw.streams()[id].ended; });
    return raw.streams()[id].headers["grpc-status"];
  }

  LogCapture log_;
};

TEST_F(ProxyTest, ConnectionsAreTheirClients) {
  StartBehind(ClientAddress::kProxyProtocol);
  EXPECT_EQ(Ask(*Connect(HeaderOf("192.0.2.1"))), "0");
  EXPECT_EQ(Ask(*Connect(HeaderOf("192.0.2.3"))), "0");
  EXPECT_EQ(Ask(*Connect("PROXY UNKNOWN\r\n")), "0");
  channel_.reset();
  gateway_.reset();
  EXPECT_EQ(log_.Count("peer=\"192.0.2.1\""), 1);
  EXPECT_EQ(log_.Count("peer=\"192.0.2.3\""), 1);
  EXPECT_EQ(log_.Count("peer=\"127.0.0.1\""), 1);
}

TEST_F(ProxyTest, LimitsHoldForEachClient) {
  options_.limits.max_connections_per_address = 1;
  options_.limits.rates.anonymous = {.per_second = 0.01, .at_once = 2};
  StartBehind(ClientAddress::kProxyProtocol);
  const auto first = Connect(HeaderOf("192.0.2.1"));
  EXPECT_EQ(Ask(*first), "0");
  EXPECT_EQ(Ask(*Connect(HeaderOf("192.0.2.1"))), "");
  EXPECT_EQ(Ask(*Connect(HeaderOf("192.0.2.3"))), "0");
  EXPECT_EQ(Ask(*first), "0");
  EXPECT_EQ(Ask(*first), "8") << "RESOURCE_EXHAUSTED";
}

TEST_F(ProxyTest, AConnectionWithoutAHeaderIsClosed) {
  admin_.listen = "127.0.0.1:0";
  StartBehind(ClientAddress::kProxyProtocol);
  EXPECT_EQ(Ask(*Connect("")), "");
  EXPECT_EQ(Ask(*Connect("PROXY TCP4 192.0.2.1\r\n")), "");
  auto numbers = Scrape(operators_->port());
  EXPECT_EQ(numbers["gateway_connections_refused_total{why=\"no PROXY header\"}"], 2);
  EXPECT_THAT(log_.text(), HasSubstr("reason=\"there is no PROXY header\""));
}

TEST_F(ProxyTest, ASlowHeaderIsClosed) {
  options_.limits.handshake_timeout = absl::Milliseconds(50);
  StartBehind(ClientAddress::kProxyProtocol);
  const auto raw = Connect("PROXY TCP4 192.0");
  EXPECT_TRUE(raw->ClosedInSilence());
  EXPECT_THAT(log_.text(), HasSubstr("reason=\"the PROXY header took too long\""));
}

// Whoever isn't a proxy is itself, and its header is no HTTP.
TEST_F(ProxyTest, OthersAreNotBelieved) {
  StartBehind(ClientAddress::kProxyProtocol, "192.0.2.0/24");
  EXPECT_EQ(Ask(*Connect("")), "0");
  EXPECT_EQ(Ask(*Connect(HeaderOf("192.0.2.1"))), "");
}

TEST_F(ProxyTest, RequestsAreTheirClients) {
  options_.limits.rates.anonymous = {.per_second = 0.01, .at_once = 2};
  StartBehind(ClientAddress::kForwarded);
  const auto raw = Connect("");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Ask(*raw, {{"forwarded", "for=192.0.2.1"}}), "0");
  EXPECT_EQ(Ask(*raw, {{"forwarded", "for=192.0.2.1"}}), "8");
  EXPECT_EQ(Ask(*raw, {{"forwarded", "for=192.0.2.1, for=192.0.2.3"}}), "0");
  EXPECT_EQ(Ask(*raw), "0");
  EXPECT_EQ(Ask(*Connect(""), {{"forwarded", "for=192.0.2.1"}}), "8") << "on another connection";
  gateway_.reset();
  EXPECT_EQ(log_.Count("method=\"" + std::string(kGetMember) + "\" code=\"OK\""), 4);
  EXPECT_THAT(log_.text(), HasSubstr("peer=\"192.0.2.3\""));
  EXPECT_THAT(log_.text(), HasSubstr("peer=\"127.0.0.1\""));
}

TEST_F(ProxyTest, ForwardedByOthersIsNotBelieved) {
  StartBehind(ClientAddress::kForwarded, "192.0.2.0/24");
  EXPECT_EQ(Ask(*Connect(""), {{"forwarded", "for=198.51.100.1"}}), "0");
  gateway_.reset();
  EXPECT_THAT(log_.text(), Not(HasSubstr("198.51.100.1")));
}

// Many clients share its connections, and some of them are abusive.
TEST_F(ProxyTest, AProxyIsNotBoundedAsAClientIs) {
  options_.limits.max_connections_per_address = 1;
  StartBehind(ClientAddress::kXForwardedFor);
  const auto first = Connect("");
  const auto second = Connect("");
  EXPECT_EQ(Ask(*first), "0");
  EXPECT_EQ(Ask(*second), "0");
}

// Tokens travel in `authorization` alone: who has the logs of a proxy must not have them.
TEST_F(ProxyTest, ATokenInAQueryIsNeitherTakenNorLogged) {
  Start();
  const auto raw = Connect("");
  const RawPeer::Fields get = {{":method", "GET"}, {"content-type", ""}};
  for (const char* path :
       {"/v1/members/aus?access_token=secretary", "/nothing?access_token=secretary",
        "/openapi.json?access_token=secretary"}) {
    RawPeer::Fields fields = get;
    fields.emplace_back(":path", path);
    const int32_t id = raw->Request(fields, "");
    EXPECT_TRUE(raw->Until([&] { return raw->streams()[id].ended; }));
    EXPECT_THAT(raw->streams()[id].data, Not(HasSubstr("secretary")));
  }
  EXPECT_EQ(Ask(*raw, {{":path", std::string(kCreateMember) + "?access_token=secretary"}}), "12");
  gateway_.reset();
  EXPECT_EQ(backend_->seen().calls, 0);
  EXPECT_THAT(log_.text(), Not(HasSubstr("secretary")));
}

}  // namespace
}  // namespace baliprocess::gateway
