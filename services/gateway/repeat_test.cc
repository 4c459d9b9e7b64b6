// Calls that are made again, and those that aren't.

#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

#include "common/testing/log_capture.h"
#include "services/gateway/calls/repeat_budget.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/testing/replicas.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr char kPrevious[] = "grpc-previous-rpc-attempts";
// A CreateMemberRequest with a request_id (field 5).
constexpr char kWithRequestId[] = "\x2a\x04uuid";

const RawPeer::Fields kHead = {{":status", "200"}, {"content-type", "application/grpc"}};

RawPeer::Fields Trailers(const std::string& code, RawPeer::Fields more = {}) {
  RawPeer::Fields fields = kHead;
  fields.emplace_back("grpc-status", code);
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

class RepeatTest : public ReplicasTest {
 protected:
  RepeatTest() { options_.connect_timeout = kSoon; }

  // A service that the test plays, and what comes on its connection.
  void StartRaw(std::vector<nghttp2_settings_entry> settings = {}) {
    Start(listener_.port());
    service_ = listener_.Accept(std::move(settings));
    ASSERT_NE(service_, nullptr);
  }
  // The ids of streams that are whole, once there are so many.
  std::vector<int32_t> Streams(size_t n) {
    std::vector<int32_t> ids;
    EXPECT_TRUE(service_->Until([&] {
      ids.clear();
      for (const auto& [id, stream] : service_->streams()) {
        if (stream.ended) ids.push_back(id);
      }
      return ids.size() >= n;
    }));
    ids.resize(std::max(n, ids.size()));
    return ids;
  }
  void Send() {
    ASSERT_TRUE(
        service_->Until([&] { return nghttp2_session_want_write(service_->session()) == 0; }));
  }
  void Reset(int32_t id, uint32_t code) {
    nghttp2_submit_rst_stream(service_->session(), NGHTTP2_FLAG_NONE, id, code);
    Send();
  }
  // Answers the n-th stream, the first being 1, with a status alone.
  void Answer(size_t n, const RawPeer::Fields& fields) {
    service_->ReplyWhole(Streams(n).back(), fields);
    Send();
  }
  void CreateInBackground(const std::string& message) {
    statuses_.emplace_back();
    threads_.emplace_back([this, message, &status = statuses_.back()] {
      status = Call(kCreateMember, message, As("secretary")).status;
    });
  }

  RawListener listener_;
  std::unique_ptr<RawPeer> service_;
};

TEST_F(RepeatTest, UnavailableIsRepeatedElsewhere) {
  StartReplicas(3);
  replicas_[0]->Behave("half");
  for (int i = 0; i < 60; ++i) EXPECT_THAT(Call(kGetMember, "hello").status, IsOk());
  EXPECT_GT(Sum(&EndpointSnapshot::repeats), 0u);
  EXPECT_EQ(Of(replicas_[0]->port()).repeats, 0u);
  EXPECT_LE(Seen(), 72) << "1.2 tries for each call";
}

TEST_F(RepeatTest, ClientServiceAndLogAreToldOfIt) {
  options_.access_log = true;
  LogCapture log;
  StartRaw();
  ClientCall call(channel_, kGetMember);
  call.SendOnly("hello");
  Answer(1, Trailers("14"));
  const int32_t second = Streams(2).back();
  EXPECT_EQ(service_->streams()[second].headers[kPrevious], "1");
  EXPECT_EQ(service_->streams()[second].data, std::string("\0\0\0\0\5hello", 10));
  service_->Reply(second, kHead, std::string("\0\0\0\0\2ok", 7));
  Send();
  EXPECT_THAT(call.Receive(), Optional(Eq("ok")));
  EXPECT_EQ(call.header(kPrevious), "1");
  Reset(second, NGHTTP2_INTERNAL_ERROR);
  EXPECT_FALSE(call.Finish().ok());
  EXPECT_TRUE(Await([&] { return log.Count("attempts=2") == 1; }));
}

TEST_F(RepeatTest, CallsThatMayNotBeMadeTwiceAreNot) {
  StartReplicas(3);
  for (const auto& replica : replicas_) replica->Behave("unavailable");
  EXPECT_EQ(Call(kCreateMember, "", As("secretary")).status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Seen(), 1);
}

TEST_F(RepeatTest, ARequestIdMakesACallSafe) {
  StartReplicas(2);
  replicas_[0]->Behave("unavailable");
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(Call(kCreateMember, kWithRequestId, As("secretary")).status, IsOk());
  }
  EXPECT_GE(replicas_[0]->seen().calls, 1);
}

TEST_F(RepeatTest, ALostConnectionIsRepeatedWhenThatIsSafe) {
  StartRaw();
  CallInBackground(1);
  CreateInBackground(kWithRequestId);
  CreateInBackground("");
  Streams(3);
  service_ = listener_.Accept();
  ASSERT_NE(service_, nullptr);
  for (const int32_t id : Streams(2)) service_->ReplyWhole(id, Trailers("5"));
  Send();
  auto& outcomes = Outcomes();
  EXPECT_EQ(outcomes.front().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::next(outcomes.begin())->code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(outcomes.back(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(RepeatTest, WhatTheServiceNeverSawIsRepeatedWhateverItIs) {
  StartRaw();
  CreateInBackground("");
  Reset(Streams(1).back(), NGHTTP2_REFUSED_STREAM);
  Answer(2, Trailers("5"));
  EXPECT_EQ(Outcomes().front().code(), absl::StatusCode::kNotFound);
}

// As gRPC's servers say it of what comes while they shut down.
TEST_F(RepeatTest, WhatTheServiceCancelsIsRepeatedWhenThatIsSafe) {
  StartRaw();
  CallInBackground(1);
  Answer(1, Trailers("1"));
  Answer(2, Trailers("5"));
  EXPECT_EQ(Outcomes().back().code(), absl::StatusCode::kNotFound);
  CreateInBackground("");
  Answer(3, Trailers("1"));
  EXPECT_THAT(Outcomes().back(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_GT(RetryDelayOf(statuses_.back()), absl::ZeroDuration());
  EXPECT_EQ(service_->streams().size(), 3u);
}

TEST_F(RepeatTest, ResetsOfOtherKindsAreNotRepeated) {
  StartRaw();
  for (const uint32_t code : {NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM}) {
    service_->streams().clear();
    CallInBackground(1);
    Reset(Streams(1).back(), code);
    EXPECT_FALSE(Outcomes().back().ok());
    EXPECT_EQ(service_->streams().size(), 1u);
  }
}

TEST_F(RepeatTest, StreamsAboveTheLastOfAGoawayAreRepeated) {
  StartRaw();
  CreateInBackground("");
  const int32_t first = Streams(1).back();
  CreateInBackground("");
  Streams(2);
  nghttp2_submit_goaway(service_->session(), NGHTTP2_FLAG_NONE, first, NGHTTP2_NO_ERROR, nullptr,
                        0);
  service_->ReplyWhole(first, Trailers("9"));
  Send();
  service_ = listener_.Accept();
  ASSERT_NE(service_, nullptr);
  Answer(1, Trailers("5"));
  auto& outcomes = Outcomes();
  EXPECT_EQ(outcomes.front().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(outcomes.back().code(), absl::StatusCode::kNotFound);
}

TEST_F(RepeatTest, CallsThatAGoawayMeetsBeforeTheyAreSentAreRepeated) {
  StartRaw({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}});
  ASSERT_TRUE(service_->Until([&] {
    return nghttp2_session_get_remote_settings(service_->session(),
                                               NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) != 65535;
  }));
  CreateInBackground("");
  const int32_t first = Streams(1).back();
  CreateInBackground("");
  ASSERT_TRUE(Await([&] { return Sum(&EndpointSnapshot::outstanding) == 2; }));
  nghttp2_submit_goaway(service_->session(), NGHTTP2_FLAG_NONE, first, NGHTTP2_NO_ERROR, nullptr,
                        0);
  service_->ReplyWhole(first, Trailers("5"));
  Send();
  service_ = listener_.Accept();
  ASSERT_NE(service_, nullptr);
  Answer(1, Trailers("5"));
  for (const absl::Status& status : Outcomes())
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

TEST_F(RepeatTest, CallsThatWereNeverSentOnALostConnectionAreRepeated) {
  StartRaw({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}});
  ASSERT_TRUE(service_->Until([&] {
    return nghttp2_session_get_remote_settings(service_->session(),
                                               NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) != 65535;
  }));
  CreateInBackground("");
  Streams(1);
  CreateInBackground("");
  ASSERT_TRUE(Await([&] { return Sum(&EndpointSnapshot::outstanding) == 2; }));
  service_.reset();
  service_ = listener_.Accept();
  ASSERT_NE(service_, nullptr);
  Answer(1, Trailers("5"));
  EXPECT_EQ(Outcomes().front().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Outcomes().back().code(), absl::StatusCode::kNotFound);
}

TEST_F(RepeatTest, OnceAReplyHasBegunNothingIsRepeated) {
  StartRaw();
  ClientCall call(channel_, kGetMember);
  call.SendOnly("hello");
  const int32_t id = Streams(1).back();
  service_->Reply(id, kHead, std::string("\0\0\0\0\2ok", 7));
  Send();
  EXPECT_THAT(call.Receive(), Optional(Eq("ok")));
  Reset(id, NGHTTP2_REFUSED_STREAM);
  EXPECT_THAT(call.Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(service_->streams().size(), 1u);
}

TEST_F(RepeatTest, AHeadAloneIsNoReplyYet) {
  StartRaw();
  CallInBackground(1);
  const int32_t id = Streams(1).back();
  service_->Reply(id, kHead, "");
  Send();
  const std::vector<nghttp2_nv> trailers = {SharedField("grpc-status", "14")};
  nghttp2_submit_trailer(service_->session(), id, trailers.data(), trailers.size());
  Send();
  Answer(2, Trailers("5"));
  EXPECT_EQ(Outcomes().front().code(), absl::StatusCode::kNotFound);
}

TEST_F(RepeatTest, TheHeadOfAStreamDoesNotWaitForItsFirstMessage) {
  StartRaw();
  ClientCall watch(channel_, kWatchChanges, As("secretary"));
  watch.SendOnly("");
  service_->Reply(Streams(1).back(), kHead, "");
  Send();
  watch.WaitForHeaders();
  Reset(Streams(1).back(), NGHTTP2_REFUSED_STREAM);
  EXPECT_FALSE(watch.Finish().ok());
  EXPECT_EQ(service_->streams().size(), 1u);
}

TEST_F(RepeatTest, ServerStreamsAreRepeatedBeforeTheyBegin) {
  StartRaw();
  statuses_.emplace_back();
  threads_.emplace_back(
      [this] { statuses_.back() = Call(kWatchChanges, "", As("secretary")).status; });
  Answer(1, Trailers("14"));
  Answer(2, Trailers("5"));
  EXPECT_EQ(Outcomes().front().code(), absl::StatusCode::kNotFound);
}

TEST_F(RepeatTest, ACallIsTriedFourTimesAtMost) {
  StartReplicas(3);
  for (const auto& replica : replicas_) replica->Behave("unavailable");
  EXPECT_EQ(Call(kGetMember, "").status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Seen(), 4);
}

TEST_F(RepeatTest, TheBudgetHoldsInAStorm) {
  StartReplicas(3);
  for (const auto& replica : replicas_) replica->Behave("unavailable");
  const absl::Time start = absl::Now();
  constexpr int kCalls = 300;
  for (int i = 0; i < kCalls; ++i) EXPECT_FALSE(Call(kGetMember, "").status.ok());
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  EXPECT_LE(Seen(), kCalls * 1.2 + RepeatBudget::kFloor + seconds + 1);
  EXPECT_GE(Seen(), kCalls * 1.1);
}

TEST_F(RepeatTest, NothingIsRepeatedWithoutABudget) {
  options_.upstream.repeat_ratio = 0;
  StartReplicas(1);
  replicas_[0]->Behave("unavailable");
  EXPECT_FALSE(Call(kGetMember, "").status.ok());
  EXPECT_EQ(Seen(), 1);
}

TEST_F(RepeatTest, PushbackIsHonoured) {
  StartRaw();
  CallInBackground(1);
  Answer(1, Trailers("14", {{"grpc-retry-pushback-ms", "-1"}}));
  EXPECT_EQ(Outcomes().back().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(service_->streams().size(), 1u);

  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_nanos(200'000'000);
  google::rpc::Status status;
  status.set_code(14);
  status.add_details()->PackFrom(info);
  const RawPeer::Fields waits[] = {
      {{"grpc-retry-pushback-ms", "200"}},
      {{"grpc-status-details-bin", absl::Base64Escape(status.SerializeAsString())}}};
  for (const RawPeer::Fields& wait : waits) {
    service_->streams().clear();
    CallInBackground(1);
    Answer(1, Trailers("14", wait));
    const absl::Time start = absl::Now();
    Answer(2, Trailers("5"));
    EXPECT_GE(absl::Now() - start, absl::Milliseconds(190));
    EXPECT_EQ(Outcomes().back().code(), absl::StatusCode::kNotFound);
  }
}

TEST_F(RepeatTest, RepeatsStayWithinTheDeadline) {
  options_.default_deadline = absl::Milliseconds(500);
  StartRaw();
  statuses_.emplace_back();
  threads_.emplace_back(
      [this] { statuses_.back() = Call(kGetMember, "", {}, absl::InfiniteDuration()).status; });
  Answer(1, Trailers("14", {{"grpc-retry-pushback-ms", "1000"}}));
  EXPECT_EQ(Outcomes().back().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RepeatTest, ASlowTryIsMadeElsewhereWhenThatIsSafe) {
  options_.upstream.try_timeout = absl::Milliseconds(100);
  StartReplicas(2);
  replicas_[0]->Behave("hang");
  for (int i = 0; i < 4; ++i) EXPECT_THAT(Call(kGetMember, "hello").status, IsOk());
  EXPECT_GE(replicas_[0]->seen().calls, 1);
  EXPECT_TRUE(replicas_[0]->WaitFor(
      [](const TestBackend::Seen& seen) { return seen.cancelled == seen.calls; }));

  replicas_[1]->Behave("slow");
  const int before = Seen();
  for (int i = 0; i < 2; ++i) Call(kCreateMember, "", As("secretary"), absl::Milliseconds(400));
  EXPECT_EQ(Seen() - before, 2) << "a call that isn't safe is made once";
}

TEST_F(RepeatTest, ASlowTryGoesOnWhenThereIsNoOtherAddress) {
  options_.upstream.try_timeout = absl::Milliseconds(20);
  StartReplicas(1);
  replicas_[0]->Behave("slow");
  EXPECT_THAT(Call(kGetMember, "hello").status, IsOk());
  EXPECT_EQ(Seen(), 1);
}

TEST_F(RepeatTest, LargeRequestsAreNotKept) {
  StartReplicas(2);
  replicas_[0]->Behave("unavailable");
  replicas_[1]->Behave("unavailable");
  const size_t prefix = 5;
  Call(kGetMember, std::string((64 << 10) - prefix + 1, 'x'));
  EXPECT_EQ(Seen(), 1);
  Call(kGetMember, std::string((64 << 10) - prefix, 'x'));
  EXPECT_EQ(Seen(), 1 + 4);
}

TEST_F(RepeatTest, WhatIsKeptIsBounded) {
  LogCapture log;
  options_.upstream.max_kept_bytes = 1000;
  StartReplicas(1);
  replicas_[0]->Behave("unavailable");
  const size_t prefix = 5;
  Call(kGetMember, std::string(1000 - prefix, 'x'));
  EXPECT_EQ(Seen(), 4);
  Call(kGetMember, std::string(1000 - prefix + 1, 'x'));
  EXPECT_EQ(Seen(), 5);
  EXPECT_EQ(log.Count("requests aren't kept"), 1);
  Call(kGetMember, std::string(1000 - prefix, 'x'));
  EXPECT_EQ(Seen(), 9) << "room is given back";
}

}  // namespace
}  // namespace baliprocess::gateway
