// What the gateway refuses, and how it says so.

#include "services/gateway/calls/refusal.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;

class RefusalTest : public GatewayTest {
 protected:
  void StartRaw() {
    Start();
    ConnectRaw();
  }
  void ConnectRaw() {
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }

  // The reply to a raw request.
  RawStream Answer(const RawPeer::Fields& fields, const std::string& body = std::string(5, 0),
                   bool end = true) {
    const int32_t id = raw_->Request(fields, body, end);
    EXPECT_TRUE(raw_->Until([&] {
      const RawStream& stream = raw_->streams()[id];
      return stream.ended || stream.reset;
    }));
    return raw_->streams()[id];
  }

  std::unique_ptr<RawPeer> raw_;
};

TEST_F(RefusalTest, PathsThatAreNotExactlyAMethod) {
  StartRaw();
  const std::string good = kGetMember;
  const std::string paths[] = {"/nothing.Here/AtAll",
                               "/",
                               "//",
                               good + "/",
                               "/" + good,
                               good + "?a=b",
                               good + "%20",
                               "/baliprocess.membership.v1.MembershipService/Get%4dember",
                               "/baliprocess.membership.v1.MembershipService//GetMember",
                               "/baliprocess.membership.v1.MembershipService/getmember",
                               "/baliprocess.membership.v1.MembershipService/../GetMember",
                               "/baliprocess.membership.v1.MembershipService",
                               "/" + std::string(2000, 'x'),
                               "/\xff\xfe"};
  for (const std::string& path : paths) {
    const RawStream answer = Answer({{":path", path}});
    EXPECT_EQ(answer.headers.at("grpc-status"), "12") << path;
    EXPECT_EQ(answer.headers.count("grpc-status-details-bin"), 1u) << path;
    EXPECT_LT(answer.headers.at("grpc-status-details-bin").size(), 1000u) << path;
  }
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(RefusalTest, UnknownMethodHasDetails) {
  Start();
  EXPECT_THAT(Call("/nothing.Here/AtAll", "").status, HasReason(api::v1::Error::UNKNOWN_METHOD));
}

// HTTP/2 itself forbids a path without a slash (RFC 9113 8.3.1).
TEST_F(RefusalTest, PathWithoutSlash) {
  StartRaw();
  const RawStream answer = Answer({{":path", std::string(kGetMember).substr(1)}});
  EXPECT_TRUE(answer.reset == NGHTTP2_PROTOCOL_ERROR || answer.headers.count("grpc-status") == 1);
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(RefusalTest, WhatIsNotGrpc) {
  StartRaw();
  EXPECT_EQ(Answer({{":method", "GET"}}).headers.at(":status"), "405");
  EXPECT_EQ(Answer({{":method", "GET"}}).headers.at("allow"), "POST");
  const RawStream page = Answer({{"content-type", "text/html"}});
  EXPECT_EQ(page.headers.at(":status"), "415");
  EXPECT_THAT(page.data, ::testing::HasSubstr("UNSUPPORTED_CALL"));
  const RawStream put = Answer({{":method", "PUT"}, {"content-type", "text/html"}});
  EXPECT_EQ(put.headers.at(":status"), "405");
  EXPECT_EQ(put.headers.at("allow"), "POST");
  EXPECT_THAT(put.data, ::testing::HasSubstr("UNKNOWN_METHOD"));
  EXPECT_EQ(Answer({{"content-type", "application/grpc-web+json"}}).headers.at(":status"), "415");
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(RefusalTest, MessagesOfAnotherForm) {
  StartRaw();
  for (const char* type : {"application/grpc+json", "application/grpc+protobuf",
                           "application/grpc+", "application/grpc+json;charset=utf-8"}) {
    EXPECT_EQ(Answer({{"content-type", type}}).headers.at("grpc-status"), "12") << type;
  }
  EXPECT_EQ(backend_->seen().calls, 0);
  for (const char* type :
       {"application/grpc", "application/grpc+proto", "application/grpc+proto;charset=utf-8"}) {
    EXPECT_EQ(Answer({{"content-type", type}}).headers.at("grpc-status"), "0") << type;
  }
}

// The service takes gzip, and says so; a client that believed it would be refused.
TEST_F(RefusalTest, EncodingsOfTheServiceAreNotThoseOfTheGateway) {
  StartRaw();
  const RawStream plain = Answer({});
  EXPECT_EQ(plain.headers.at("grpc-status"), "0");
  EXPECT_EQ(plain.headers.count("grpc-accept-encoding"), 0u);
  const RawStream compressed = Answer({{"grpc-encoding", "gzip"}});
  EXPECT_EQ(compressed.headers.at("grpc-status"), "12");
  EXPECT_EQ(compressed.headers.at("grpc-accept-encoding"), "identity");
}

TEST_F(RefusalTest, BadTimeout) {
  StartRaw();
  for (const char* timeout : {"", "1", "S", "1x", "-1S", "+1S", "1.5S", "123456789S", "1 S"}) {
    EXPECT_EQ(Answer({{"grpc-timeout", timeout}}).headers.at("grpc-status"), "3") << timeout;
  }
  EXPECT_EQ(Answer({{"grpc-timeout", "0n"}}).headers.at("grpc-status"), "4");
}

TEST_F(RefusalTest, CallersWithoutTheRight) {
  Start();
  EXPECT_THAT(Call(kCreateMember, "").status, HasReason(api::v1::Error::TOKEN_MISSING));
  EXPECT_THAT(Call(kCreateMember, "", As("forged")).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
  EXPECT_THAT(Call(kGetMember, "", As("forged")).status, HasReason(api::v1::Error::TOKEN_INVALID));
  EXPECT_THAT(Call(kCreateMember, "", As("observer")).status,
              HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_EQ(backend_->seen().calls, 0);
  EXPECT_THAT(Call(kCreateMember, "", As("secretary")).status, IsOk());
}

TEST_F(RefusalTest, ExpiryIsJudgedOnEveryCall) {
  Start();
  EXPECT_THAT(Call(kCreateMember, "", As("brief")).status, IsOk());
  clock_.Advance(absl::Seconds(59));
  EXPECT_THAT(Call(kCreateMember, "", As("brief")).status, IsOk());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Call(kCreateMember, "", As("brief")).status,
              HasReason(api::v1::Error::TOKEN_EXPIRED));
}

TEST_F(RefusalTest, MoreThanOneAuthorization) {
  StartRaw();
  for (const RawPeer::Fields& fields : std::vector<RawPeer::Fields>{
           {{"authorization", "Bearer secretary"}, {"authorization", "Bearer secretary"}},
           {{"authorization", ""}, {"authorization", "Bearer secretary"}},
           {{"authorization", "a"},
            {"authorization", ""},
            {"authorization", "Bearer secretary"}}}) {
    EXPECT_EQ(Answer(fields).headers.at("grpc-status"), "16");
  }
}

TEST_F(RefusalTest, HeadersThatAreTooLarge) {
  options_.access_log = true;  // reads what was kept of them
  StartRaw();
  const RawStream answer = Answer({{"x-request-id", "mine"}, {"x-large", std::string(17000, 'x')}});
  EXPECT_EQ(answer.headers.at("grpc-status"), "8");
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
}

TEST_F(RefusalTest, MessageThatIsTooLarge) {
  options_.limits.max_message_bytes = 1000;
  Start();
  EXPECT_THAT(Call(kGetMember, std::string(1000, 'x')).status, IsOk());
  EXPECT_THAT(Call(kGetMember, std::string(1001, 'x')).status,
              HasReason(api::v1::Error::TOO_LARGE));
}

// The client is told at once, and needn't send what it has announced.
TEST_F(RefusalTest, MessageThatIsTooLargeIsRefusedByItsPrefix) {
  StartRaw();
  const RawStream answer = Answer({}, std::string("\0\xff\xff\xff\xff", 5), false);
  EXPECT_EQ(answer.headers.at("grpc-status"), "8");
  EXPECT_TRUE(answer.ended);
}

TEST_F(RefusalTest, MoreStreamsThanAnnounced) {
  options_.limits.max_streams_per_connection = 3;
  StartRaw();
  ASSERT_TRUE(raw_->Until([&] {
    return nghttp2_session_get_remote_settings(raw_->session(),
                                               NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS) == 3;
  }));
  for (int i = 0; i < 3; ++i) raw_->Request({{"do", "hang"}});
  ASSERT_TRUE(raw_->Until([&] { return backend_->seen().calls == 3; }));
  // nghttp2 keeps the fourth back, as it must.
  const int32_t fourth = raw_->Request({{"do", "hang"}});
  EXPECT_GT(fourth, 0);
  nghttp2_submit_rst_stream(raw_->session(), NGHTTP2_FLAG_NONE, 1, NGHTTP2_CANCEL);
  EXPECT_TRUE(raw_->Until([&] { return backend_->seen().calls == 4; }));
}

// A head that breaks the rules ends its stream; the connection's other calls go on beyond the time
// that a head may take.
TEST_F(RefusalTest, MalformedHeadDoesNotEndTheConnection) {
  options_.limits.header_timeout = absl::Milliseconds(1);
  options_.tick = absl::Milliseconds(5);
  StartRaw();
  const int32_t live = raw_->Request({{"do", "echo"}}, "", false);
  EXPECT_EQ(Answer({{":status", "200"}}).reset, uint32_t{NGHTTP2_PROTOCOL_ERROR});
  // Calls on another connection, until many ticks have passed.
  for (int i = 0; i < 20; ++i) {
    const Headers headers = {{"do", "hang"}};
    EXPECT_FALSE(Call(kGetMember, "", headers, absl::Milliseconds(10)).status.ok());
  }
  EXPECT_EQ(Answer({}).headers.at("grpc-status"), "0");
  EXPECT_FALSE(raw_->streams()[live].reset);
}

TEST_F(RefusalTest, ConnectionsBeyondTheLimitAreClosed) {
  options_.limits.max_connections_per_address = 1;
  StartRaw();
  EXPECT_EQ(Answer({}).headers.at("grpc-status"), "0");
  auto second = RawPeer::Connect(gateway_->port());
  ASSERT_NE(second, nullptr);
  EXPECT_FALSE(second->Until([] { return false; }));
  EXPECT_TRUE(second->over());
  EXPECT_EQ(Answer({}).headers.at("grpc-status"), "0");
}

TEST_F(RefusalTest, ClientThatNeverSpeaksIsClosed) {
  options_.limits.handshake_timeout = absl::Milliseconds(20);
  options_.tick = absl::Milliseconds(10);
  Start();
  auto silent = RawPeer::Connect(gateway_->port());
  ASSERT_NE(silent, nullptr);
  EXPECT_TRUE(silent->ClosedInSilence());
}

TEST(PercentEncodeTest, LeavesPrintableAsciiButPercent) {
  EXPECT_EQ(PercentEncode("a b~"), "a b~");
  EXPECT_EQ(PercentEncode("100%\n\x7f\xc3\xa9"), "100%25%0A%7F%C3%A9");
}

}  // namespace
}  // namespace baliprocess::gateway
