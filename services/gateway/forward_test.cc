// Calls of every kind through the gateway, and how they end when all goes well or a side gives up.

#include <gmock/gmock.h>

#include <thread>

#include "absl/time/clock.h"

#include "services/gateway/testing/fixture.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::testing::Eq;
using ::testing::Optional;

using ForwardTest = GatewayTest;
using Seen = TestBackend::Seen;

Headers Do(const std::string& what, Headers more = {}) {
  more.emplace_back("do", what);
  more.emplace_back("authorization", "Bearer secretary");
  return more;
}

TEST_F(ForwardTest, UnaryCallCarriesMetadataBothWays) {
  Start();
  const std::string binary("\x00\xff\x01,", 4);
  ClientCall call(channel_, kGetMember, {{"ask-text", "a, b"}, {"ask-bytes-bin", binary}});
  call.Send("hello");
  call.EndSending();
  EXPECT_THAT(call.Receive(), Optional(Eq("hello")));
  EXPECT_THAT(call.Finish(), IsOk());
  EXPECT_EQ(call.header("ask-text"), "a, b");
  EXPECT_EQ(call.header("ask-bytes-bin"), binary);
  EXPECT_EQ(call.trailer("trailing-ask-text"), "a, b");
  EXPECT_EQ(call.trailer("trailing-ask-bytes-bin"), binary);
}

TEST_F(ForwardTest, ClientsCannotSendWhatLooksLikeTheGatewaysWord) {
  Start();
  EXPECT_THAT(Call(kGetMember, "",
                   {{"x-bali-subject", "root"},
                    {"x-bali-peer", "10.0.0.1"},
                    {"x-forwarded-for", "10.0.0.1"},
                    {"x-real-ip", "10.0.0.1"},
                    {"forwarded", "for=10.0.0.1"},
                    {"x-custom", "kept"}})
                  .status,
              IsOk());
  const auto headers = backend_->seen().headers;
  EXPECT_EQ(headers.count("x-bali-subject"), 0u);
  EXPECT_EQ(headers.count("x-forwarded-for"), 0u);
  EXPECT_EQ(headers.count("x-real-ip"), 0u);
  EXPECT_EQ(headers.count("forwarded"), 0u);
  EXPECT_EQ(headers.count("x-bali-peer"), 0u);
  EXPECT_EQ(headers.find("x-custom")->second, "kept");
  EXPECT_EQ(headers.count("traceparent"), 1u);
}

TEST_F(ForwardTest, PositionsGoBothWays) {
  Start();
  ClientCall call(channel_, kGetMember, {{"x-bali-position", "here"}});
  call.Send("hello");
  call.EndSending();
  EXPECT_THAT(call.Finish(), IsOk());
  EXPECT_EQ(backend_->seen().headers.find("x-bali-position")->second, "here");
  EXPECT_EQ(call.trailer("x-bali-position"), "here");
}

TEST_F(ForwardTest, TokenAndRequestIdGoOnToTheService) {
  Start();
  EXPECT_THAT(Call(kCreateMember, "", Do("echo", {{"x-request-id", "mine"}})).status, IsOk());
  const auto headers = backend_->seen().headers;
  EXPECT_EQ(headers.find("authorization")->second, "Bearer secretary");
  EXPECT_EQ(headers.find("x-request-id")->second, "mine");
}

// Services go by the id of the trace then, as the gateway's log does.
TEST_F(ForwardTest, RequestIdsThatAreUnfitForLogsAreLeftOut) {
  Start();
  for (const std::string& unfit : {std::string("a b"), std::string(65, 'x')}) {
    EXPECT_THAT(Call(kGetMember, "", {{"x-request-id", unfit}}).status, IsOk());
    const auto headers = backend_->seen().headers;
    EXPECT_EQ(headers.count("x-request-id"), 0u);
    EXPECT_EQ(headers.count("traceparent"), 1u);
  }
}

TEST_F(ForwardTest, ServerStream) {
  Start();
  ClientCall call(channel_, kWatchChanges, Do("stream", {{"count", "500"}, {"size", "3000"}}));
  call.Send("");
  call.EndSending();
  int messages = 0;
  while (const auto message = call.Receive()) {
    EXPECT_EQ(message->size(), 3000u);
    ++messages;
  }
  EXPECT_EQ(messages, 500);
  EXPECT_THAT(call.Finish(), IsOk());
}

TEST_F(ForwardTest, ClientStream) {
  Start();
  ClientCall call(channel_, kUploadDocument, Do("collect"));
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(call.Send(std::string(3000, 'x')));
  call.EndSending();
  EXPECT_THAT(call.Receive(), Optional(Eq("1500000")));
  EXPECT_THAT(call.Finish(), IsOk());
}

TEST_F(ForwardTest, StreamsBothWaysAtOnce) {
  Start();
  ClientCall call(channel_, kUploadDocument, Do("echo"));
  for (int i = 0; i < 100; ++i) {
    const std::string message(static_cast<size_t>(i) * 100, 'x');
    ASSERT_TRUE(call.Send(message));
    EXPECT_THAT(call.Receive(), Optional(Eq(message)));
  }
  call.EndSending();
  EXPECT_THAT(call.Finish(), IsOk());
}

TEST_F(ForwardTest, LargeMessagesPassWhole) {
  Start();
  const std::string message(3 << 20, 'x');
  const Outcome outcome = Call(kGetMember, message);
  EXPECT_THAT(outcome.status, IsOk());
  EXPECT_TRUE(outcome.reply == message);
}

TEST_F(ForwardTest, ManyCallsAtOnceOnManyConnections) {
  options_.threads = 2;
  options_.connections_per_service = 2;
  Start();
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([this, channel = NewChannel()] {
      for (int j = 0; j < 100; ++j) {
        ClientCall call(channel, kGetMember);
        call.Send("hello");
        call.EndSending();
        EXPECT_THAT(call.Receive(), Optional(Eq("hello")));
        EXPECT_THAT(call.Finish(), IsOk());
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(backend_->seen().calls, 800);
}

TEST_F(ForwardTest, ErrorOfTheServicePassesThroughWithDetails) {
  Start();
  ClientCall call(channel_, kGetMember, Do("fail"));
  call.SendOnly("");
  call.Finish().IgnoreError();
  EXPECT_EQ(call.raw().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(call.raw().error_message(), "100% wrong\n\xc3\xa9");
  EXPECT_EQ(call.raw().error_details(), std::string("\x08\x03\x12\x00\xff details", 13));
}

// What a service is told beyond the deadline, so that the gateway is the one that ends the call.
constexpr absl::Duration kServiceGrace = absl::Milliseconds(50);

TEST_F(ForwardTest, DeadlineIsPassedOn) {
  Start();
  EXPECT_THAT(Call(kGetMember, "", {}, absl::Seconds(200)).status, IsOk());
  const absl::Duration timeout = backend_->seen().timeout;
  EXPECT_LE(timeout, absl::Seconds(201) + kServiceGrace);
  EXPECT_GT(timeout, absl::Seconds(150));
}

// Services have a default of their own; see also GatewayEnforcesTheDeadline.
TEST_F(ForwardTest, ServicesAreNotToldTheDefaultDeadline) {
  options_.default_deadline = absl::Seconds(100);
  Start();
  EXPECT_THAT(Call(kGetMember, "", {}, absl::InfiniteDuration()).status, IsOk());
  EXPECT_GT(backend_->seen().timeout, absl::Hours(24));
}

TEST_F(ForwardTest, StreamWithoutDeadlineHasNone) {
  options_.default_deadline = absl::Seconds(100);
  Start();
  const Headers headers = Do("stream", {{"count", "1"}, {"size", "1"}});
  EXPECT_THAT(Call(kWatchChanges, "", headers, absl::InfiniteDuration()).status, IsOk());
  EXPECT_GT(backend_->seen().timeout, absl::Hours(24));
}

// The client states no deadline, so it is the gateway that ends the call.
TEST_F(ForwardTest, GatewayEnforcesTheDeadline) {
  options_.default_deadline = absl::Milliseconds(100);
  Start();
  EXPECT_THAT(Call(kGetMember, "", Do("hang"), absl::InfiniteDuration()).status,
              HasReason(api::v1::Error::DEADLINE_PASSED));
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 1; }));
}

TEST_F(ForwardTest, DeadlineAfterTheReplyBeganIsAStatusToo) {
  options_.default_deadline = absl::Milliseconds(300);
  Start();
  ClientCall call(channel_, kGetMember, Do("begin"), absl::InfiniteDuration());
  call.SendOnly("");
  EXPECT_THAT(call.Receive(), Optional(Eq("begun")));
  EXPECT_THAT(call.Finish(), HasReason(api::v1::Error::DEADLINE_PASSED));
}

TEST_F(ForwardTest, CancelOfTheClientReachesTheService) {
  Start();
  ClientCall call(channel_, kGetMember, Do("hang"));
  call.SendOnly("");
  ASSERT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.calls == 1; }));
  call.Cancel();
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 1; }));
  EXPECT_EQ(call.Finish().code(), absl::StatusCode::kCancelled);
}

TEST_F(ForwardTest, ServiceEndsWhileTheClientIsStillSending) {
  Start();
  ClientCall call(channel_, kUploadDocument, Do("fail"));
  while (call.Send(std::string(10000, 'x'))) {
  }
  EXPECT_EQ(call.Finish().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Call(kGetMember, "next").status, IsOk());
}

// A service doesn't see a request before it is whole, so that it begins with none that is wrong.
TEST_F(ForwardTest, RequestsGoOnWhenTheyAreWhole) {
  Start();
  for (const size_t size : {size_t{100}, size_t{1} << 20}) {
    const std::string message(size, 'x');
    ClientCall call(channel_, kGetMember);
    ASSERT_TRUE(call.Send(message));
    for (int i = 0; i < 20; ++i) EXPECT_THAT(Call(kGetMember, "other").status, IsOk());
    EXPECT_LT(backend_->seen().bytes_received, 20 * 5 + 1000);
    backend_->Note([](Seen& seen) { seen.bytes_received = 0; });
    call.EndSending();
    EXPECT_TRUE(call.Receive() == message);
    EXPECT_THAT(call.Finish(), IsOk());
    backend_->Note([](Seen& seen) { seen.bytes_received = 0; });
  }
}

TEST_F(ForwardTest, DeadlinesOfUnaryCallsAreCapped) {
  options_.limits.max_unary_deadline = absl::Seconds(100);
  Start();
  EXPECT_THAT(Call(kGetMember, "", {}, absl::Hours(10)).status, IsOk());
  EXPECT_LE(backend_->seen().timeout, absl::Seconds(100) + kServiceGrace);
}

}  // namespace
}  // namespace baliprocess::gateway
