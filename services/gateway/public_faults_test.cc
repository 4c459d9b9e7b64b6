// Faults that gateways of others are publicly known for, one by one: none of them is ours. What is
// right beyond them is in the tests of each part.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "services/gateway/testing/http1_peer.h"
#include "services/gateway/testing/http_fixture.h"
#include "services/gateway/transcoding/testing/request_rows.h"

namespace baliprocess::gateway {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;

constexpr char kWatch[] = "/v1/membership:watchChanges";
// The head of a reply, and a message of two bytes.
const RawPeer::Fields kHead = {{":status", "200"}, {"content-type", "application/grpc"}};
const std::string kMessage("\0\0\0\0\2ok", 7);

class PublicFaultsTest : public HttpTest {};

TEST_F(PublicFaultsTest, AStreamThatFailsIsNotA200WithAnErrorInside) {
  backend_->Say({{}, {grpc::StatusCode::UNAVAILABLE, "go elsewhere"}});
  EXPECT_EQ(Status(Ask("GET", kWatch)), "503");
}

TEST_F(PublicFaultsTest, AStreamThatFailsOnTheWayDoesNotJustEnd) {
  backend_->Say({{common::v1::WatchChangesResponse().SerializeAsString()},
                 {grpc::StatusCode::UNAVAILABLE, "go elsewhere"}});
  EXPECT_THAT(Ask("GET", kWatch).data, HasSubstr("\n{\"error\":{\"code\":14,"));
}

TEST_F(PublicFaultsTest, AMessageDoesNotStayPercentEncoded) {
  SayError(absl::NotFoundError("100% \xc3\xa9"));
  const RawStream reply = Ask("GET", "/v1/members/aus");
  EXPECT_EQ(Status(reply), "404");
  EXPECT_THAT(reply.data, HasSubstr("\"message\":\"100% \xc3\xa9\""));
}

TEST_F(PublicFaultsTest, NamesInAQueryAreDecoded) {
  backend_->Say({{membership::v1::Member().SerializeAsString()}, {}});
  EXPECT_EQ(Status(Ask("POST", "/v1/members?member%49d=fiji", {}, "{}")), "200");
  EXPECT_EQ(LastRequest<membership::v1::CreateMemberRequest>().member_id(), "fiji");
}

TEST_F(PublicFaultsTest, WhatAClientGetsWrongIsNotA500) {
  const char* bodies[] = {"{",
                          "",
                          "null,",
                          R"({"displayName":{}})",
                          R"({"displayName":1})",
                          R"({"visibility":4294967297})",
                          R"({"visibility":"NOBODY"})"};
  for (const char* body : bodies) {
    const RawStream reply =
        Ask("POST", "/v1/members?memberId=fiji", {{"content-type", "application/json"}}, body);
    EXPECT_EQ(Status(reply), *body == '\0' ? "200" : "400") << body << reply.data;
    backend_->Say({{membership::v1::Member().SerializeAsString()}, {}});
  }
  EXPECT_EQ(Status(Ask("GET", "/v1/practitioners:count?groupBy=4294967297")), "400");
}

TEST_F(PublicFaultsTest, OptionsOfAPathAreTold) {
  const RawStream reply = Ask("OPTIONS", "/v1/members/aus");
  EXPECT_EQ(Status(reply), "204");
  EXPECT_THAT(Field(reply, "allow"), HasSubstr("GET"));
}

TEST(PublicFaults, RepeatedMessagesInAQueryAreRefusedAndNotMixed) {
  RequestTable table({R"(get: "/x")"});
  EXPECT_EQ(table.Read("GET", "/x", "subs.f_int32=1&subs.f_int32=2"),
            "?subs.f_int32: isn't a field of the request; "
            "subs.f_int32: isn't a field of the request");
}

TEST(PublicFaults, AScalarBodyTakesNoObject) {
  RequestTable table({R"(post: "/x" body: "f_string")"});
  const auto read = [&](const std::string& body) {
    return table.Read("POST", "/x", "", {.type = "", .data = body});
  };
  EXPECT_EQ(read(R"("a")"), R"(f_string: "a")");
  for (const char* body : {"{}", R"({"f_string":"a"})", "[]"}) {
    EXPECT_THAT(read(body), StartsWith("?f_string:")) << body;
  }
}

// A gateway to a service that the test plays itself.
class PublicFaultsOfCallsTest : public GatewayTest {
 protected:
  void SetUp() override {
    Start(listener_.port());
    service_ = listener_.Accept();
    ASSERT_NE(service_, nullptr);
  }

  // The stream of the last of so many calls, when its request is whole.
  int32_t LastCall(size_t count) {
    EXPECT_TRUE(service_->Until([&] {
      return service_->streams().size() == count && service_->streams().rbegin()->second.ended;
    }));
    return service_->streams().empty() ? 0 : service_->streams().rbegin()->first;
  }
  int32_t FirstCall() { return LastCall(1); }
  void Send() {
    EXPECT_TRUE(
        service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
  }

  RawListener listener_;
  std::unique_ptr<RawPeer> service_;
};

// gRPC's servers refuse a call without it.
TEST_F(PublicFaultsOfCallsTest, BehindAClientOfGrpcWebThereIsTeTrailers) {
  const auto client = Http1Peer::Connect(gateway_->port());
  ASSERT_NE(client, nullptr);
  client->Send(absl::StrCat("POST ", kGetMember,
                            " HTTP/1.1\r\nHost: here\r\nContent-Type: application/grpc-web\r\n"
                            "Content-Length: 5\r\n\r\n",
                            std::string(5, '\0')));
  EXPECT_EQ(service_->streams()[FirstCall()].headers["te"], "trailers");
}

// A proxy before the service knows no gRPC: what it says is told in the form that each client
// knows.
TEST_F(PublicFaultsOfCallsTest, WhatAProxyAnswersIsAnError) {
  const RawPeer::Fields page = {{":status", "503"}, {"content-type", "text/html"}};
  const auto client = Http1Peer::Connect(gateway_->port());
  ASSERT_NE(client, nullptr);
  client->Send("GET /v1/members/aus HTTP/1.1\r\nHost: here\r\n\r\n");
  service_->Reply(LastCall(1), page, "<html>");
  Send();
  const auto json = client->Receive();
  ASSERT_TRUE(json);
  EXPECT_EQ(json->status, 503);
  EXPECT_THAT(json->body, HasSubstr("TEMPORARILY_UNAVAILABLE"));

  client->Send(absl::StrCat("POST ", kGetMember,
                            " HTTP/1.1\r\nHost: here\r\nContent-Type: application/grpc-web\r\n"
                            "Content-Length: 5\r\n\r\n",
                            std::string(5, '\0')));
  service_->Reply(LastCall(2), page, "<html>");
  Send();
  const auto web = client->Receive();
  ASSERT_TRUE(web);
  EXPECT_EQ(web->status, 200);
  EXPECT_EQ(web->body[0], '\x80') << "trailers alone";
  EXPECT_THAT(web->body, HasSubstr("grpc-status: 14\r\n"));

  const std::pair<const char*, absl::StatusCode> rows[] = {
      {"400", absl::StatusCode::kInternal},         {"401", absl::StatusCode::kUnauthenticated},
      {"403", absl::StatusCode::kPermissionDenied}, {"404", absl::StatusCode::kUnimplemented},
      {"429", absl::StatusCode::kUnavailable},      {"502", absl::StatusCode::kUnavailable},
      {"504", absl::StatusCode::kUnavailable},      {"200", absl::StatusCode::kUnknown},
      {"302", absl::StatusCode::kUnknown},          {"500", absl::StatusCode::kUnknown}};
  size_t calls = 2;
  for (const auto& [http_status, code] : rows) {
    ClientCall call(channel_, kGetMember);
    call.SendOnly("");
    service_->ReplyWhole(LastCall(++calls),
                         {{":status", http_status}, {"content-type", "text/html"}});
    Send();
    EXPECT_EQ(call.Finish().code(), code) << http_status;
  }
}

TEST_F(PublicFaultsOfCallsTest, NothingIsRepeatedOnceTheReplyBegan) {
  ClientCall call(channel_, kGetMember);
  call.SendOnly("");
  const int32_t id = FirstCall();
  service_->Reply(id, kHead, kMessage);
  Send();
  EXPECT_THAT(call.Receive(), Optional(Eq("ok")));
  nghttp2_submit_rst_stream(service_->session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
  Send();
  EXPECT_EQ(call.Finish().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(service_->streams().size(), 1U);
}

}  // namespace
}  // namespace baliprocess::gateway
