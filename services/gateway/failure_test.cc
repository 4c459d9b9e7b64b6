// Services and clients that fail, restart or leave; the gateway's own leaving.

#include <gmock/gmock.h>

#include <list>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::Soon;
using ::testing::ContainsRegex;
using ::testing::Eq;
using ::testing::Optional;
using Seen = TestBackend::Seen;

const Headers kHang = {{"do", "hang"}};
const Headers kBegin = {{"do", "begin"}};
const Headers kAwait = {{"do", "await"}};

class FailureTest : public GatewayTest {
 protected:
  // What happens instead is in repeat_test.cc.
  FailureTest() { options_.upstream.repeat_ratio = 0; }

  // A gateway to a service that the test plays itself, and their connection.
  void StartRaw(std::vector<nghttp2_settings_entry> settings = {}) {
    Start(listener_.port());
    service_ = listener_.Accept(std::move(settings));
    ASSERT_NE(service_, nullptr);
  }

  // Has the service see `n` calls; their stream ids.
  std::vector<int32_t> Calls(size_t n) {
    std::vector<int32_t> ids;
    const auto complete = [&] {
      ids.clear();
      for (const auto& [id, stream] : service_->streams()) {
        if (stream.ended) ids.push_back(id);
      }
      return ids.size() >= n;
    };
    EXPECT_TRUE(service_->Until(complete));
    return ids;
  }

  // Makes calls on threads of their own, whose outcomes are awaited by Outcomes.
  void CallInBackground(int n) {
    for (int i = 0; i < n; ++i) {
      statuses_.emplace_back();
      absl::Status& status = statuses_.back();
      threads_.emplace_back([this, &status] { status = Call(kGetMember, "hello").status; });
    }
  }
  std::list<absl::Status>& Outcomes() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return statuses_;
  }

  RawListener listener_;
  std::unique_ptr<RawPeer> service_;
  std::list<absl::Status> statuses_;
  std::vector<std::thread> threads_;
};

TEST_F(FailureTest, ResetsOfTheServiceBecomeStatuses) {
  StartRaw();
  const std::pair<uint32_t, absl::StatusCode> cases[] = {
      {NGHTTP2_CANCEL, absl::StatusCode::kCancelled},
      {NGHTTP2_REFUSED_STREAM, absl::StatusCode::kUnavailable},
      {NGHTTP2_ENHANCE_YOUR_CALM, absl::StatusCode::kResourceExhausted},
      {NGHTTP2_INADEQUATE_SECURITY, absl::StatusCode::kPermissionDenied},
      {NGHTTP2_INTERNAL_ERROR, absl::StatusCode::kInternal},
      {NGHTTP2_NO_ERROR, absl::StatusCode::kInternal}};
  for (const auto& [code, status] : cases) {
    service_->streams().clear();
    CallInBackground(1);
    const int32_t id = Calls(1).front();
    nghttp2_submit_rst_stream(service_->session(), NGHTTP2_FLAG_NONE, id, code);
    ASSERT_TRUE(
        service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
    EXPECT_EQ(Outcomes().back().code(), status) << code;
    const bool told = RetryDelayOf(statuses_.back()) > absl::ZeroDuration();
    EXPECT_EQ(told, code == NGHTTP2_REFUSED_STREAM || code == NGHTTP2_ENHANCE_YOUR_CALM) << code;
  }
}

TEST_F(FailureTest, ResetAfterTheReplyBeganBecomesAStatusBehindWhatHasCome) {
  StartRaw();
  ClientCall call(channel_, kGetMember);
  call.Send("");
  call.EndSending();
  const int32_t id = Calls(1).front();
  service_->Reply(id, {{":status", "200"}, {"content-type", "application/grpc"}},
                  std::string("\0\0\0\0\2ok\0\0\0\0\7part", 16));
  ASSERT_TRUE(
      service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
  EXPECT_THAT(call.Receive(), Optional(Eq("ok")));
  nghttp2_submit_rst_stream(service_->session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
  ASSERT_TRUE(
      service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
  EXPECT_THAT(call.Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

// The service ignores the deadline, the client has stated none: the gateway ends both calls.
TEST_F(FailureTest, GatewayEnforcesTheDeadline) {
  options_.default_deadline = absl::Milliseconds(300);
  StartRaw();
  ClientCall begun(channel_, kGetMember, {}, absl::InfiniteDuration());
  begun.SendOnly("");
  ClientCall silent(channel_, kGetMember, {}, absl::InfiniteDuration());
  silent.SendOnly("");
  const std::vector<int32_t> ids = Calls(2);
  service_->Reply(ids[0], {{":status", "200"}, {"content-type", "application/grpc"}},
                  std::string("\0\0\0\0\2ok", 7));
  ASSERT_TRUE(service_->Until(
      [&] { return service_->streams()[ids[0]].reset && service_->streams()[ids[1]].reset; }));
  EXPECT_EQ(service_->streams()[ids[0]].reset, uint32_t{NGHTTP2_CANCEL});
  EXPECT_EQ(service_->streams()[ids[1]].reset, uint32_t{NGHTTP2_CANCEL});
  EXPECT_THAT(begun.Finish(), HasReason(api::v1::Error::DEADLINE_PASSED));
  EXPECT_THAT(silent.Finish(), HasReason(api::v1::Error::DEADLINE_PASSED));
}

TEST_F(FailureTest, DeathOfTheServiceEndsCallsInFlight) {
  StartRaw();
  ClientCall begun(channel_, kGetMember);
  begun.Send("");
  begun.EndSending();
  service_->Reply(Calls(1).front(), {{":status", "200"}, {"content-type", "application/grpc"}},
                  std::string("\0\0\0\0\2ok", 7));
  ASSERT_TRUE(
      service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
  EXPECT_THAT(begun.Receive(), Optional(Eq("ok")));
  CallInBackground(10);
  Calls(11);
  service_.reset();
  for (const absl::Status& status : Outcomes()) {
    EXPECT_THAT(status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  }
  EXPECT_THAT(begun.Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(FailureTest, LogNamesTheCallsOnAConnectionThatIsLost) {
  LogCapture log;
  StartRaw();
  for (int i = 0; i < 12; ++i) {
    statuses_.emplace_back();
    absl::Status& status = statuses_.back();
    threads_.emplace_back([this, i, &status] {
      status = Call(kGetMember, "", {{"x-request-id", absl::StrCat("call-", i)}}).status;
    });
  }
  Calls(12);
  service_.reset();
  Outcomes();
  EXPECT_THAT(log.text(), ContainsRegex("service disconnected.*calls=12.*GetMember call-"));
  int named = 0;
  for (int i = 0; i < 12; ++i) {
    named += log.Count(absl::StrCat("GetMember call-", i, ",")) +
             log.Count(absl::StrCat("GetMember call-", i, "\""));
  }
  EXPECT_EQ(named, 10);
}

TEST_F(FailureTest, LogSaysWhyAServiceCanNotBeConnectedToAndThatItCanAgain) {
  LogCapture log;
  backend_ = std::make_unique<TestBackend>();
  const int port = backend_->port();
  Start(port);
  ASSERT_THAT(Call(kGetMember, "").status, IsOk());
  backend_->Stop();
  EXPECT_TRUE(Soon([&] { return log.Count("a service can't be connected to") == 1; }));
  EXPECT_THAT(log.text(), ContainsRegex(absl::StrCat("127.0.0.1:", port, ": Connection refused")));
  backend_ = std::make_unique<TestBackend>(port);
  EXPECT_TRUE(Soon([&] { return log.Count("a service can be connected to again") == 1; }));
}

// nghttp2 knows nothing of a stream whose HEADERS it holds back.
TEST_F(FailureTest, DeathOfTheServiceEndsCallsThatItHasNotSeen) {
  StartRaw({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}});
  ASSERT_TRUE(service_->Until([&] {
    return nghttp2_session_get_remote_settings(service_->session(),
                                               NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) != 65535;
  }));
  CallInBackground(5);
  Calls(1);
  // A call that is given up while it is held back.
  EXPECT_FALSE(Call(kGetMember, "", {}, absl::Milliseconds(50)).status.ok());
  EXPECT_EQ(service_->streams().size(), 1u);
  service_.reset();
  for (const absl::Status& status : Outcomes()) {
    EXPECT_THAT(status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  }
}

TEST_F(FailureTest, GoawayOfTheServiceLetsCallsFinishElsewhereBegin) {
  StartRaw();
  ClientCall old_call(channel_, kGetMember);
  old_call.Send("");
  old_call.EndSending();
  const int32_t id = Calls(1).front();
  nghttp2_submit_goaway(service_->session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR, nullptr, 0);
  ASSERT_TRUE(
      service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
  auto next = listener_.Accept();
  ASSERT_NE(next, nullptr);
  CallInBackground(1);
  ASSERT_TRUE(next->Until([&] { return !next->streams().empty(); }));
  EXPECT_EQ(service_->streams().size(), 1u);
  service_->Reply(id, {{":status", "200"}, {"content-type", "application/grpc"}},
                  std::string("\0\0\0\0\2ok", 7));
  ASSERT_TRUE(
      service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
  EXPECT_THAT(old_call.Receive(), Optional(Eq("ok")));
  next.reset();
  EXPECT_THAT(Outcomes().front(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(FailureTest, ServiceThatIsNotThereAndThenComes) {
  options_.connect_timeout = absl::Milliseconds(200);
  auto reserved = std::make_unique<TestBackend>();
  const int port = reserved->port();
  reserved.reset();
  Start(port);
  const absl::Time start = absl::Now();
  EXPECT_THAT(Call(kGetMember, "").status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_LT(absl::Now() - start, kSoon / 2);
  backend_ = std::make_unique<TestBackend>(port);
  absl::Status status;
  do {
    status = Call(kGetMember, "").status;
  } while (!status.ok() && absl::Now() - start < kSoon);
  EXPECT_THAT(status, IsOk());
}

TEST_F(FailureTest, CallsGoOnOnceAServiceHasRestarted) {
  options_.max_reconnect_delay = absl::Milliseconds(100);
  Start();
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  const int port = backend_->port();
  backend_.reset();
  CallInBackground(5);
  backend_ = std::make_unique<TestBackend>(port);
  for (const absl::Status& status : Outcomes()) {
    EXPECT_TRUE(status.ok() || ReasonOf(status) == api::v1::Error::TEMPORARILY_UNAVAILABLE)
        << status;
  }
  const absl::Time end = absl::Now() + kSoon;
  absl::Status status;
  do {
    status = Call(kGetMember, "").status;
  } while (!status.ok() && absl::Now() < end);
  EXPECT_THAT(status, IsOk());
}

TEST_F(FailureTest, DeathOfAClientCancelsItsCalls) {
  Start();
  auto client = RawPeer::Connect(gateway_->port());
  ASSERT_NE(client, nullptr);
  for (int i = 0; i < 5; ++i) client->Request({{"do", "hang"}});
  for (int i = 0; i < 5; ++i) client->Request({{"do", "begin"}});
  ASSERT_TRUE(client->Until([&] { return backend_->seen().calls == 10; }));
  client.reset();
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 10; }));
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
}

TEST_F(FailureTest, ConnectionsToServicesAreReplacedBeforeStreamIdsRunOut) {
  options_.calls_per_connection = 3;
  Start();
  ClientCall open(channel_, kUploadDocument, As("secretary"));
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  open.Send("still there");
  EXPECT_THAT(open.Receive(), Optional(Eq("still there")));
  open.EndSending();
  EXPECT_THAT(open.Finish(), IsOk());
}

TEST_F(FailureTest, DrainLetsCallsFinishAndRefusesConnections) {
  Start();
  ClientCall call(channel_, kGetMember, kAwait);
  call.SendOnly("");
  EXPECT_THAT(call.Receive(), Optional(Eq("begun")));
  auto raw = RawPeer::Connect(gateway_->port());
  const int32_t id = raw->Request({});
  ASSERT_TRUE(raw->Until([&] { return raw->streams()[id].ended; }));
  std::thread drain([this] { gateway_->Drain(kSoon); });
  EXPECT_TRUE(raw->Until([&] { return raw->goaway().has_value(); }));
  EXPECT_EQ(raw->goaway(), uint32_t{NGHTTP2_NO_ERROR});
  EXPECT_FALSE(raw->Until([] { return false; }));
  EXPECT_TRUE(raw->over()) << "a connection without calls ends";
  EXPECT_EQ(RawPeer::Connect(gateway_->port()), nullptr);
  backend_->Release();
  EXPECT_THAT(call.Receive(), Optional(Eq("released")));
  EXPECT_THAT(call.Finish(), IsOk());
  drain.join();
}

// As services do: a watch has no end to wait for, and goes on elsewhere.
TEST_F(FailureTest, DrainEndsStreamsAtOnce) {
  Start();
  ClientCall unary(channel_, kGetMember, kAwait);
  unary.SendOnly("");
  EXPECT_THAT(unary.Receive(), Optional(Eq("begun")));
  Headers begin = As("secretary");
  begin.push_back(kBegin.front());
  ClientCall watch(channel_, kWatchChanges, begin);
  watch.SendOnly("");
  EXPECT_THAT(watch.Receive(), Optional(Eq("begun")));
  // Doesn't look at GOAWAY, so that it comes with a stream all the same.
  auto stubborn = RawPeer::Connect(gateway_->port());
  const int32_t open = stubborn->Request({{"do", "hang"}});
  ASSERT_TRUE(stubborn->Until([&] { return backend_->seen().calls == 3; }));

  std::thread drain([this] { gateway_->Drain(kSoon); });
  EXPECT_THAT(watch.Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  const int32_t late =
      stubborn->Request({{":path", kWatchChanges}, {"authorization", "Bearer secretary"}});
  EXPECT_TRUE(stubborn->Until([&] { return stubborn->streams()[late].ended; }));
  EXPECT_EQ(stubborn->streams()[late].headers["grpc-status"], "14");
  EXPECT_FALSE(stubborn->streams()[open].ended);
  nghttp2_submit_rst_stream(stubborn->session(), NGHTTP2_FLAG_NONE, open, NGHTTP2_CANCEL);
  EXPECT_FALSE(stubborn->Until([] { return false; })) << "the connection ends";
  backend_->Release();
  EXPECT_THAT(unary.Receive(), Optional(Eq("released")));
  EXPECT_THAT(unary.Finish(), IsOk());
  drain.join();
}

TEST_F(FailureTest, DrainEndsCallsAtItsDeadline) {
  Start();
  ClientCall begun(channel_, kGetMember, kBegin);
  begun.SendOnly("");
  EXPECT_THAT(begun.Receive(), Optional(Eq("begun")));
  ClientCall hanging(channel_, kGetMember, kHang);
  hanging.SendOnly("");
  ASSERT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.calls == 2; }));
  gateway_->Drain(absl::Milliseconds(50));
  gateway_.reset();
  EXPECT_EQ(begun.Finish().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(hanging.Finish().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 2; }));
}

// Also of those that could be repeated: there is nobody to do that.
TEST_F(FailureTest, CallsOfAGatewayThatEndsHaveAStatus) {
  Start();
  const auto raw = RawPeer::Connect(gateway_->port());
  const int32_t id = raw->Request({{":path", kGetMember}, {"do", "hang"}});
  ASSERT_TRUE(raw->Until([&] { return backend_->seen().calls == 1; }));
  gateway_.reset();
  EXPECT_TRUE(raw->Until([&] { return raw->streams()[id].ended; }));
  EXPECT_EQ(raw->streams()[id].headers["grpc-status"], "14");
}

}  // namespace
}  // namespace baliprocess::gateway
