// One gateway takes the place of another, and clients don't notice.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"

#include "services/gateway/listen/listener.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using grpc::health::v1::HealthCheckResponse;

class RestartTest : public GatewayTest {
 protected:
  // A listening socket of the test's, which gateways inherit.
  void OwnSocket() {
    socket_ = UniqueFd(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(listen(socket_.get(), SOMAXCONN), 0);
    options_.listen = absl::StrCat("fd:", socket_.get());
  }

  HealthCheckResponse::ServingStatus Health() {
    HealthCheckResponse response;
    const Outcome outcome = Call("/grpc.health.v1.Health/Check", "");
    EXPECT_THAT(outcome.status, IsOk());
    response.ParseFromString(outcome.reply);
    return response.status();
  }

  UniqueFd socket_;
};

TEST_F(RestartTest, BeforeItDrainsItSaysSoAndServesOn) {
  Start();
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  gateway_->AnnounceDrain();
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  EXPECT_THAT(Call(kGetMember, "hello").status, IsOk());
  channel_ = NewChannel();
  EXPECT_THAT(Call(kGetMember, "hello").status, IsOk()) << "on a new connection";
}

TEST_F(RestartTest, ASocketCanBeInherited) {
  OwnSocket();
  Start();
  EXPECT_THAT(Call(kGetMember, "hello").status, IsOk());
}

// While there is no gateway, connections wait in the socket.
TEST_F(RestartTest, NoCallFailsBetweenTwoGateways) {
  OwnSocket();
  Start();
  const int port = gateway_->port();
  channel_ = nullptr;
  gateway_->Drain(absl::Seconds(20));
  gateway_.reset();
  const auto client = RawPeer::Connect(port);
  ASSERT_NE(client, nullptr);
  const int32_t id = client->Request({});
  Start(backend_->port());
  EXPECT_TRUE(client->Until([&] { return client->streams()[id].ended; }));
  EXPECT_EQ(client->streams()[id].headers["grpc-status"], "0");
}

TEST_F(RestartTest, NoCallFailsWhileOneGatewayTakesOver) {
  OwnSocket();
  Start();
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, channel = NewChannel()] {
      while (!stop) {
        ClientCall call(channel, kGetMember);
        call.SendOnly("hello");
        const absl::Status status = call.Finish();
        EXPECT_THAT(status, IsOk());
        if (!status.ok()) return;
        ++calls;
      }
    });
  }
  for (int i = 0; i < 3; ++i) {
    const int before = calls;
    while (calls < before + 50 && !::testing::Test::HasFailure()) std::this_thread::yield();
    ASSERT_OK_AND_ASSIGN(auto next, Gateway::Start(options_, *policy_, verifier_));
    gateway_->Drain(absl::Seconds(20));
    gateway_ = std::move(next);
  }
  const int before = calls;
  while (calls < before + 50 && !::testing::Test::HasFailure()) std::this_thread::yield();
  stop = true;
  for (std::thread& client : clients) client.join();
}

TEST(ListenerTest, RefusesWhatIsNoListeningSocket) {
  const UniqueFd idle(socket(AF_INET, SOCK_STREAM, 0));
  for (const std::string& address : {std::string("fd:"), std::string("fd:x"), std::string("fd:0"),
                                     std::string("fd:9999"), absl::StrCat("fd:", idle.get())}) {
    EXPECT_FALSE(OpenListener(address).ok()) << address;
    EXPECT_FALSE(ListeningAt(address).ok()) << address;
  }
}

TEST(ListenerTest, KnowsWhereASocketIsBound) {
  ASSERT_OK_AND_ASSIGN(const Listener listener, OpenListener("[::1]:0"));
  ASSERT_OK_AND_ASSIGN(const std::string where,
                       ListeningAt(absl::StrCat("fd:", listener.socket.get())));
  EXPECT_EQ(where, absl::StrCat("[::1]:", PortOf(listener.address)));
}

}  // namespace
}  // namespace baliprocess::gateway
