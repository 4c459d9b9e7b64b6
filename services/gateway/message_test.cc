// Messages of requests: how many there may be, in which form, and how much of them may be under
// way.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "services/gateway/net/load.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::Scrape;
using ::baliprocess::testing::Soon;
using ::testing::Eq;
using ::testing::Optional;
using Seen = TestBackend::Seen;

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
const std::string kEmpty(5, '\0');
// 1 MiB announced, a little sent.
const std::string kLarge = std::string("\0\0\x10\0\0", 5) + std::string(1000, 'x');

class MessageTest : public GatewayTest {
 protected:
  void StartRaw() {
    Start();
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }

  RawStream Answer(const RawPeer::Fields& fields, const std::string& body, bool end = true) {
    const int32_t id = raw_->Request(fields, body, end);
    EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; }));
    return raw_->streams()[id];
  }
  std::string Status(const RawPeer::Fields& fields, const std::string& body) {
    return Answer(fields, body).headers["grpc-status"];
  }

  // Whether everything that was sent has been seen.
  void Settle() { EXPECT_EQ(Status({}, kEmpty), "0"); }

  std::unique_ptr<RawPeer> raw_;
};

TEST_F(MessageTest, UnaryCallHasExactlyOne) {
  StartRaw();
  EXPECT_EQ(Status({}, kEmpty + kEmpty), "12");
  EXPECT_EQ(Status({}, kEmpty + '\0'), "12");
  EXPECT_EQ(Status({}, ""), "12");
  EXPECT_EQ(Status({}, std::string(3, '\0')), "3") << "it ends within the prefix";
  EXPECT_EQ(Status({}, std::string("\0\0\0\0\2x", 6)), "3") << "it ends within the message";
  EXPECT_EQ(Status({{":path", kHealthCheck}}, kEmpty + kEmpty), "12");
  // The first is large enough to have gone on before the second comes.
  const std::string large = std::string("\0\0\2\0\0", 5) + std::string(128 << 10, 'x');
  EXPECT_EQ(Status({{"do", "collect"}}, large + kEmpty), "12");
  EXPECT_EQ(backend_->seen().bytes_received, 0) << "the service hasn't seen it whole";
  EXPECT_EQ(Status({{"do", "collect"}}, large), "0");
}

TEST_F(MessageTest, StreamsMayHaveManyOrNone) {
  StartRaw();
  const RawPeer::Fields upload = {
      {":path", kUploadDocument}, {"authorization", "Bearer secretary"}, {"do", "collect"}};
  EXPECT_EQ(Status(upload, kEmpty + kEmpty), "0");
  EXPECT_EQ(Status(upload, ""), "0");
  EXPECT_EQ(Status(upload, kEmpty + '\0'), "3");
}

TEST_F(MessageTest, CompressionIsNotTakenAndTheReplySaysSo) {
  StartRaw();
  for (const char* path : {kGetMember, kHealthCheck}) {
    for (const char* encoding : {"gzip", "snappy", "deflate", "", "identity, gzip"}) {
      const RawStream answer =
          Answer({{":path", path}, {"grpc-encoding", encoding}}, std::string("\1\0\0\0\1x", 6));
      EXPECT_EQ(answer.headers.at("grpc-status"), "12") << encoding;
      EXPECT_EQ(answer.headers.at("grpc-accept-encoding"), "identity") << encoding;
    }
    EXPECT_EQ(Status({{":path", path}, {"grpc-encoding", "identity"}}, kEmpty), "0");
    EXPECT_EQ(Status({{":path", path}}, std::string("\1\0\0\0\1x", 6)), "3");
    EXPECT_EQ(Status({{":path", path}}, std::string("\2\0\0\0\1x", 6)), "3");
  }
}

TEST_F(MessageTest, UnfinishedCallsCostTheServiceNothingAndAreLimited) {
  options_.limits.per_address.unfinished_calls = 3;
  LogCapture log;
  StartRaw();
  for (int i = 0; i < 3; ++i) raw_->Request({{"do", "hang"}}, std::string("\0\0\0\0\2x", 6), false);
  const RawStream refused = Answer({}, std::string(1, '\0'), false);
  EXPECT_EQ(refused.headers.at("grpc-status"), "8");
  EXPECT_EQ(refused.headers.count("grpc-status-details-bin"), 1u);
  EXPECT_EQ(log.Count("call refused peer=\"127.0.0.1\""), 1);
  EXPECT_EQ(backend_->seen().calls, 0);
  // One that ends makes room for another.
  nghttp2_submit_rst_stream(raw_->session(), NGHTTP2_FLAG_NONE, 1, NGHTTP2_CANCEL);
  EXPECT_EQ(Status({}, kEmpty), "0");
}

TEST_F(MessageTest, BytesOfUnfinishedMessagesAreLimited) {
  options_.limits.per_connection.unfinished_bytes = 2 << 20;
  options_.limits.per_address.unfinished_bytes = (3 << 20) + 4096;
  StartRaw();
  raw_->Request({}, kLarge, false);
  raw_->Request({}, kLarge, false);
  EXPECT_EQ(Answer({}, kLarge, false).headers.at("grpc-status"), "8") << "of the connection";
  auto second = RawPeer::Connect(gateway_->port());
  std::swap(raw_, second);
  raw_->Request({}, kLarge, false);
  EXPECT_EQ(Answer({}, kLarge, false).headers.at("grpc-status"), "8") << "of the address";
  EXPECT_THAT(Call(kGetMember, std::string(1000, 'x')).status, IsOk()) << "small ones pass";
  second.reset();
  absl::Status status;
  do {  // until the gateway has seen the end of the connection
    status = Call(kGetMember, std::string(1 << 20, 'x')).status;
  } while (ReasonOf(status) == api::v1::Error::OVERLOADED);
  EXPECT_THAT(status, IsOk());
}

TEST_F(MessageTest, StreamsOfACallerAreLimited) {
  options_.limits.per_caller.streams = 2;
  options_.limits.per_address.streams = 3;
  Start();
  const auto watch = [&](const std::string& caller) {
    Headers headers = As(caller);
    headers.emplace_back("do", "begin");
    auto call = std::make_unique<ClientCall>(channel_, kWatchChanges, headers);
    call->SendOnly("");
    return call;
  };
  auto first = watch("secretary");
  EXPECT_THAT(first->Receive(), Optional(Eq("begun")));
  auto second = watch("secretary");
  EXPECT_THAT(second->Receive(), Optional(Eq("begun")));
  EXPECT_THAT(watch("secretary")->Finish(), HasReason(api::v1::Error::OVERLOADED));
  auto other = watch("observer");
  EXPECT_THAT(other->Receive(), Optional(Eq("begun")));
  EXPECT_THAT(watch("observer")->Finish(), HasReason(api::v1::Error::OVERLOADED))
      << "of the address";
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  second.reset();
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 1; }));
  EXPECT_THAT(watch("secretary")->Receive(), Optional(Eq("begun")));
}

TEST_F(MessageTest, RequestThatDoesNotComeToItsEndIsEnded) {
  options_.limits.request_timeout = absl::Milliseconds(100);
  StartRaw();
  EXPECT_EQ(Answer({}, std::string(1, '\0'), false).headers.at("grpc-status"), "4");
  const RawPeer::Fields upload = {
      {":path", kUploadDocument}, {"authorization", "Bearer secretary"}, {"do", "collect"}};
  EXPECT_EQ(Answer(upload, kEmpty + std::string(1, '\0'), false).headers.at("grpc-status"), "4");
}

// Clients put the end of a message and the beginning of the next one into a frame.
TEST_F(MessageTest, StreamWhoseMessagesComeIsNotEnded) {
  options_.limits.request_timeout = absl::Milliseconds(400);
  StartRaw();
  const int32_t id = raw_->Request(
      {{":path", kUploadDocument}, {"authorization", "Bearer secretary"}, {"do", "collect"}},
      kEmpty + std::string(1, '\0'), false);
  const absl::Time start = absl::Now();
  for (int piece = 1; piece <= 6; ++piece) {
    EXPECT_TRUE(
        raw_->Until([&] { return absl::Now() >= start + piece * absl::Milliseconds(100); }));
    raw_->Dribble(kEmpty);
  }
  EXPECT_FALSE(raw_->streams()[id].ended);
  EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; })) << "the last one never ends";
}

// Small ones as well: they are held back here until they are whole.
TEST_F(MessageTest, BytesOfSmallUnfinishedMessagesAreLimited) {
  options_.limits.anonymous_per_address.unfinished_bytes = 1000;
  StartRaw();
  const std::string small("\0\0\0\2\0", 5);  // 512 bytes announced
  raw_->Request({}, small, false);
  EXPECT_EQ(Answer({}, small, false).headers.at("grpc-status"), "8");
}

// All of an address who have no token are one caller.
TEST_F(MessageTest, StreamsWithoutATokenAreLimited) {
  options_.limits.anonymous_per_address.streams = 1;
  Start();
  const auto download = [&](Headers headers) {
    headers.emplace_back("do", "begin");
    auto call = std::make_unique<ClientCall>(channel_, kDownloadDocument, headers);
    call->SendOnly("");
    return call;
  };
  auto first = download({});
  EXPECT_THAT(first->Receive(), Optional(Eq("begun")));
  EXPECT_THAT(download({})->Finish(), HasReason(api::v1::Error::OVERLOADED));
  EXPECT_THAT(download(As("observer"))->Receive(), Optional(Eq("begun")));
}

TEST_F(MessageTest, CallsOfAnAddressAreLimited) {
  options_.limits.max_calls = 4;  // half of them for one address
  StartRaw();
  raw_->Request({{"do", "hang"}}, kEmpty);
  raw_->Request({{"do", "hang"}}, kEmpty);
  EXPECT_EQ(Status({}, kEmpty), "8");
  nghttp2_submit_rst_stream(raw_->session(), NGHTTP2_FLAG_NONE, 1, NGHTTP2_CANCEL);
  EXPECT_EQ(Status({}, kEmpty), "0");
}

// The window of the stream is closed, the connection is alive.
TEST_F(MessageTest, ReplyThatNobodyReadsIsEnded) {
  options_.limits.reply_timeout = absl::Milliseconds(100);
  options_.tick = absl::Milliseconds(20);
  Start();
  raw_ = RawPeer::Connect(gateway_->port(), {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  const RawPeer::Fields stream = {{"do", "stream"}, {"count", "100"}, {"size", "10000"}};
  const int32_t id = raw_->Request(stream, kEmpty);
  EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].reset.has_value(); }));
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 1; }));
}

// A reply that is here to its end is no different.
TEST_F(MessageTest, WholeReplyThatNobodyReadsIsARefusal) {
  options_.limits.reply_timeout = absl::Milliseconds(100);
  options_.tick = absl::Milliseconds(20);
  options_.access_log = true;
  admin_.listen = "127.0.0.1:0";
  LogCapture log;
  Start();
  raw_ = RawPeer::Connect(gateway_->port(), {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  const int32_t id = raw_->Request({}, kEmpty);
  EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].reset.has_value(); }));
  EXPECT_TRUE(Soon([&] { return log.Count("reason=\"TEMPORARILY_UNAVAILABLE\"") == 1; }));
  const auto numbers = Scrape(operators_->port());
  EXPECT_EQ(numbers.at("gateway_refusals_total{reason=\"TEMPORARILY_UNAVAILABLE\"}"), 1);
}

TEST_F(MessageTest, RefusalInJsonThatNobodyReadsIsEnded) {
  options_.limits.reply_timeout = absl::Milliseconds(100);
  options_.tick = absl::Milliseconds(20);
  Start();
  raw_ = RawPeer::Connect(gateway_->port(), {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  const int32_t id = raw_->Request(
      {{":method", "GET"}, {":path", "/v1/members/aus?unknown=1"}, {"content-type", ""}}, "");
  EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].reset.has_value(); }));
  EXPECT_EQ(raw_->streams()[id].headers.at(":status"), "400");
}

TEST(ShareTest, IsTakenOfAllOrOfNone) {
  Load connection;
  Load address;
  const LoadLimits wide = {10, 10, 10};
  const LoadLimits narrow = {1, 1, 1};
  Share first;
  first.Join(connection, wide);
  first.Join(address, narrow);
  Share second = first;
  EXPECT_TRUE(first.TakeStream());
  EXPECT_FALSE(second.TakeStream());
  EXPECT_EQ(connection.streams, 1);
  EXPECT_FALSE(second.TakeBytes(2));
  EXPECT_EQ(connection.unfinished_bytes, 0);
  first.GiveAll();
  first.GiveAll();
  EXPECT_EQ(connection.streams, 0);
  EXPECT_EQ(address.streams, 0);
}

}  // namespace
}  // namespace baliprocess::gateway
