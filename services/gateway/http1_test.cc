// HTTP/1.1 beside HTTP/2 on the gateway's port.

#include <gmock/gmock.h>

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/member.pb.h"
#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/hiding_requests.h"
#include "services/gateway/testing/http1_peer.h"
#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/web/gzip.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::Soon;
using ::testing::HasSubstr;
namespace membership = ::baliprocess::membership::v1;

constexpr char kGet[] = "GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n";
constexpr char kGetAustralia[] = "GET /v1/members/aus HTTP/1.1\r\nHost: here\r\nDo: say\r\n\r\n";

class Http1Test : public GatewayTest {
 protected:
  std::unique_ptr<Http1Peer> Connect() { return Http1Peer::Connect(gateway_->port()); }
};

TEST_F(Http1Test, BothAreSpokenOnOnePort) {
  Start();
  const auto peer = Connect();
  for (int i = 0; i < 3; ++i) {
    peer->Send(kGet);
    const auto answer = peer->Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 404);
    EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  }
}

// Requests in JSON, with and without a body, one behind the other.
TEST_F(Http1Test, CallsGoThrough) {
  Start();
  membership::Member member;
  member.set_display_name("Australia");
  backend_->Say({{member.SerializeAsString()}, {}});
  const auto peer = Connect();
  const std::string body = R"({"displayName":"Fiji"})";
  const std::string post = absl::StrCat(
      "POST /v1/members HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer secretary\r\nDo: say\r\n"
      "Content-Type: application/json\r\nContent-Length: ",
      body.size(), "\r\n\r\n", body);
  const std::string chunks = absl::StrCat(
      "POST /v1/members HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer secretary\r\nDo: say\r\n"
      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
      absl::Hex(body.size()), "\r\n", body, "\r\n0\r\n\r\n");
  peer->Send(kGetAustralia + post + chunks);
  for (int i = 0; i < 3; ++i) {
    const auto answer = peer->Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    EXPECT_THAT(answer->body, HasSubstr("\"displayName\":\"Australia\""));
  }
  EXPECT_EQ(backend_->seen().calls, 3);
  // Who may not is told, and the connection is kept.
  std::string stranger = post;
  stranger.replace(stranger.find("secretary"), 9, "stranger!");
  peer->Send(stranger + kGetAustralia);
  EXPECT_EQ(peer->Receive()->status, 401);
  EXPECT_EQ(peer->Receive()->status, 200);
}

// gRPC's servers take no call that names nobody.
TEST_F(Http1Test, AServiceIsNamedWhereTheClientNamesNobody) {
  Start();
  backend_->Say({{""}, {}});
  for (const char* host : {"", "Host:\r\n", "Host: here\r\n"}) {
    const auto get = Connect();
    get->Send(absl::StrCat("GET /v1/members/aus HTTP/1.0\r\nDo: say\r\n", host, "\r\n"));
    const auto answer = get->Receive();
    EXPECT_EQ(answer ? answer->status : 0, 200) << host;
    const auto post = Connect();
    post->Send(absl::StrCat("POST ", kGetMember, " HTTP/1.0\r\n", host,
                            "Content-Type: application/grpc-web\r\nContent-Length: 5\r\n\r\n",
                            std::string(5, '\0')));
    EXPECT_TRUE(post->Until([&] {
      return post->received().find("grpc-status: 0") != std::string::npos;
    })) << host;
  }
}

// The service sees nothing of a request that could be read in two ways, nor of what hides in it.
TEST_F(Http1Test, NothingHidesInARequest) {
  Start();
  for (const HidingRequest& row : HidingRequests()) {
    std::string bytes = row.bytes;
    for (const char* path : {"/outer", "/hidden"}) {
      const size_t at = bytes.find(path);
      if (at != std::string::npos) bytes.replace(at, strlen(path), "/v1/members/aus");
    }
    const auto peer = Connect();
    peer->Send(bytes);
    const auto answer = peer->Receive();
    ASSERT_TRUE(answer) << row.bytes;
    EXPECT_GE(answer->status, 400) << row.bytes;
    EXPECT_EQ(answer->fields.count("date"), 1) << row.bytes;
    EXPECT_TRUE(peer->IsClosed()) << row.bytes;
  }
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(Http1Test, TheGatewayItselfSaysWhatItTakes) {
  Start();
  const auto peer = Connect();
  peer->Send("OPTIONS * HTTP/1.1\r\nHost: here\r\n\r\n");
  const auto answer = peer->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->fields.count("allow"), 1);
}

// A client that leaves ends what it asked for.
TEST_F(Http1Test, LeavingCancelsTheCall) {
  Start();
  auto peer = Connect();
  peer->Send("GET /v1/members/aus HTTP/1.1\r\nHost: here\r\nDo: hang\r\n\r\n");
  EXPECT_TRUE(backend_->WaitFor([](const auto& seen) { return seen.calls == 1; }));
  peer.reset();
  EXPECT_TRUE(backend_->WaitFor([](const auto& seen) { return seen.cancelled == 1; }));
}

TEST_F(Http1Test, DrainLetsACallEnd) {
  Start();
  backend_->Say({{""}, {}});
  auto peer = Connect();
  peer->Send(
      "POST /v1/members HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer secretary\r\n"
      "Do: say\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer->Receive()->status, 100);
  const auto idle = Connect();
  idle->Send(kGet);
  EXPECT_TRUE(idle->Receive());
  std::thread drain([&] { gateway_->Drain(kSoon); });
  EXPECT_TRUE(idle->IsClosed()) << "the gateway drains";
  peer->Send("{}");
  auto answer = peer->Receive();
  EXPECT_EQ(answer ? answer->status : 0, 200);
  EXPECT_EQ(answer ? answer->fields["connection"] : "", "close");
  EXPECT_TRUE(peer->IsClosed());
  peer.reset();
  drain.join();
}

// What a client speaks shows at the third byte at the latest: PRI isn't PUT.
TEST_F(Http1Test, FirstBytesMayComeOneByOne) {
  Start();
  const auto http1 = Connect();
  for (const char c : std::string("PUT /nothing HTTP/1.1\r\nHost: here\r\n\r\n")) {
    ASSERT_TRUE(http1->Send(std::string(1, c)));
  }
  EXPECT_EQ(http1->Receive()->status, 404);

  const auto http2 = Connect();
  for (const char c : std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
    ASSERT_TRUE(http2->Send(std::string(1, c)));
  }
  EXPECT_TRUE(http2->Send(std::string("\0\0\0\4\0\0\0\0\0", 9)));
  // The gateway's SETTINGS, and the answer to ours.
  EXPECT_TRUE(http2->Until([&] {
    return http2->received().find(std::string("\0\0\0\4\1\0\0\0\0", 9)) != std::string::npos;
  }));
}

TEST_F(Http1Test, GrpcIsToldThatItNeedsHttp2) {
  LogCapture log;
  Start();
  const auto peer = Connect();
  peer->Send(std::string("POST ") + kGetMember +
             " HTTP/1.1\r\nHost: here\r\nContent-Type: application/grpc\r\nTE: trailers\r\n"
             "Transfer-Encoding: chunked\r\n\r\n5\r\n");
  const auto answer = peer->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 505);
  EXPECT_EQ(answer->fields.at("content-type"), "application/json");
  EXPECT_TRUE(peer->IsClosed());
  EXPECT_EQ(backend_->seen().calls, 0);
  gateway_.reset();
  EXPECT_EQ(log.Count("request refused peer=\"127.0.0.1\" http_status=505"), 1);
}

TEST_F(Http1Test, ConnectionsAreCountedTogether) {
  options_.limits.max_connections_per_address = 2;
  Start();
  const auto first = Connect();
  first->Send(kGet);
  EXPECT_TRUE(first->Receive());
  const auto second = RawPeer::Connect(gateway_->port());
  second->Request({});
  EXPECT_TRUE(second->Until([&] { return second->streams()[1].ended; }));
  const auto third = Connect();
  third->Send(kGet);
  EXPECT_TRUE(third->IsClosed());
  EXPECT_EQ(third->received(), "");
}

// Nobody who has connected, or has begun to ask, is left without an answer.
TEST_F(Http1Test, DrainAnswersWhatIsOnItsWay) {
  Start();
  const auto used = Connect();
  used->Send(kGet);
  EXPECT_TRUE(used->Receive());
  const auto half = Connect();
  half->Send("GET /nothing HTTP/1.1\r\n");
  // Both are known to the loop when a later connection has had its answer.
  const auto fresh = Connect();
  const auto later = Connect();
  later->Send(kGet);
  EXPECT_TRUE(later->Receive());
  std::thread drain([&] { gateway_->Drain(kSoon); });
  EXPECT_TRUE(used->IsClosed());
  fresh->Send(kGet);
  half->Send("Host: here\r\n\r\n");
  for (Http1Peer* peer : {half.get(), fresh.get()}) {
    const auto answer = peer->Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->fields.at("connection"), "close");
    EXPECT_TRUE(peer->IsClosed());
  }
  drain.join();
}

TEST_F(Http1Test, DrainEndsConnectionsThatStaySilent) {
  options_.tick = absl::Milliseconds(10);
  Start();
  const auto fresh = Connect();
  std::thread drain([&] { gateway_->Drain(kSoon); });
  EXPECT_TRUE(fresh->IsClosed());
  drain.join();
}

// So that a client goes elsewhere with its next request, which can't fail then.
TEST_F(Http1Test, WhoLeavesSaysSoInEachReply) {
  Start();
  const auto peer = Connect();
  peer->Send(kGet);
  EXPECT_EQ(peer->Receive()->fields.count("connection"), 0u);
  gateway_->AnnounceDrain();
  peer->Send(kGet);
  EXPECT_EQ(peer->Receive()->fields.at("connection"), "close");
  EXPECT_TRUE(peer->IsClosed());
}

TEST_F(Http1Test, SlowHeadIsTold) {
  options_.limits.header_timeout = absl::Milliseconds(50);
  options_.tick = absl::Milliseconds(10);
  Start();
  const auto peer = Connect();
  peer->Send("GET / HTTP/1.1\r\nHo");
  const auto answer = peer->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(peer->IsClosed());
}

// A preflight and a page cost more than they give back, a body that unpacks to much costs that, and
// so does one that is read in vain.
TEST_F(Http1Test, WhatBringsNoCallIsBounded) {
  options_.limits.work_per_second = 20;  // 200 at once
  Start();
  backend_->Say({{membership::Member().SerializeAsString()}, {}});
  const auto post = [](const std::string& coding, const std::string& body) {
    return absl::StrCat(
        "POST /v1/members HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer secretary\r\nDo: say\r\n"
        "Content-Type: application/json\r\nContent-Encoding: ",
        coding, "\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  };
  const std::string rows[] = {
      "OPTIONS /v1/members/aus HTTP/1.1\r\nHost: here\r\nOrigin: https://here\r\n"
      "Access-Control-Request-Method: GET\r\n\r\n",
      "HEAD /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n",
      post("gzip", *Gzip(std::string(8 << 20, ' '))),
      post("gzip", *Gzip(std::string(1 << 20, ' ') + "{}")),
      post("identity", std::string(20000, ' ') + "]")};
  for (const std::string& request : rows) {
    LogCapture log;
    const auto peer = Connect();
    for (int i = 0; i < 30 && peer->Send(request); ++i) {
    }
    EXPECT_TRUE(peer->IsClosed());
    EXPECT_EQ(log.Count("client cut off"), 1) << request.substr(0, 20);
  }
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(Http1Test, LogSaysWhoReadsNoReply) {
  options_.limits.reply_timeout = absl::Milliseconds(100);
  options_.tick = absl::Milliseconds(20);
  options_.access_log = true;
  Start();
  membership::Member member;
  member.set_display_name(std::string(3 << 20, 'x'));
  backend_->Say({{member.SerializeAsString()}, {}});
  for (const char* path : {"/v1/members/aus", "/openapi.json"}) {
    LogCapture log;
    const auto peer = Http1Peer::Connect(gateway_->port(), 4096);
    const std::string request =
        absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: here\r\nDo: say\r\n\r\n");
    for (int i = 0; i < 100; ++i) peer->Send(request);
    EXPECT_TRUE(Soon([&] { return log.Count("reason=\"TEMPORARILY_UNAVAILABLE\"") == 1; })) << path;
  }
}

// Each is a request that was broken off, whatever connection it came on.
TEST_F(Http1Test, WhoLeavesWithoutAnAnswerIsHeldToTheBudgetOfItsAddress) {
  options_.limits.work_per_second_per_address = 10;  // 200 at once
  LogCapture log;
  Start();
  for (int i = 0; i < 30; ++i) {
    const auto peer = Connect();
    peer->Send(std::string("GET /") + std::string(1000, 'x') + " HTTP/1.1\r\n\r\n");
    peer->Receive();
  }
  gateway_.reset();
  EXPECT_GE(log.Count("client cut off"), 1);
}

}  // namespace
}  // namespace baliprocess::gateway
