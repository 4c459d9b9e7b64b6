// Services that don't answer: connections that are given up, addresses that are ejected.

#include <gmock/gmock.h>

#include "common/testing/log_capture.h"
#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/testing/replicas.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;

// Services are played by the test's thread: one that isn't driven doesn't answer.
class SilenceTest : public ReplicasTest {
 protected:
  SilenceTest() {
    options_.connect_timeout = absl::Milliseconds(500);
    options_.reconnect_delay = absl::Milliseconds(10);
    options_.max_reconnect_delay = absl::Milliseconds(50);
    options_.upstream.ping_after = absl::Milliseconds(50);
    options_.upstream.ping_timeout = absl::Milliseconds(100);
    options_.upstream.ejection = kSoon;
  }

  // The service of a listener, connected and ready for calls.
  std::unique_ptr<RawPeer> Connected(RawListener& listener) {
    auto service = listener.Accept();
    EXPECT_NE(service, nullptr);
    Drive(*service, absl::Milliseconds(1));
    EXPECT_TRUE(Await([&] { return Of(listener.port()).state == EndpointState::kUsable; }));
    return service;
  }
  static void Drive(RawPeer& service, absl::Duration time) {
    const absl::Time end = absl::Now() + time;
    service.Until([&] { return absl::Now() > end; });
  }
};

TEST_F(SilenceTest, AServiceThatAnswersPingsMayThinkAsLongAsItLikes) {
  RawListener listener;
  Start(listener.port());
  auto service = Connected(listener);
  CallInBackground(1);
  ASSERT_TRUE(service->Until([&] { return service->pings() >= 4; }));
  service->ReplyWhole(
      service->streams().begin()->first,
      {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "5"}});
  Drive(*service, absl::Milliseconds(1));
  EXPECT_EQ(Outcomes().front().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Of(listener.port()).ping_timeouts, 0u);
}

TEST_F(SilenceTest, NoPingsAreSentWhileNoCallWaits) {
  RawListener listener;
  Start(listener.port());
  auto service = Connected(listener);
  Drive(*service, absl::Milliseconds(400));
  EXPECT_EQ(service->pings(), 0);
}

TEST_F(SilenceTest, AServiceThatDoesNotAnswerIsGivenUp) {
  LogCapture log;
  RawListener listener;
  Start(listener.port());
  auto service = Connected(listener);
  EXPECT_THAT(Call(kCreateMember, "", As("secretary")).status,
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(Of(listener.port()).ping_timeouts, 1u);
  EXPECT_EQ(Of(listener.port()).ejections, 0u) << "it is the only one";
  EXPECT_EQ(log.Count("doesn't answer"), 2);
}

// An attempt that has failed says nothing of the one that is under way.
TEST_F(SilenceTest, ACallWaitsForTheConnectionThatIsBeingMade) {
  options_.reconnect_delay = absl::Milliseconds(100);
  const int port = RawListener().port();
  Start(port);
  ASSERT_TRUE(Await([&] { return Of(port).connect_failures > 0; }));
  RawListener listener(port);
  auto service = listener.Accept();
  ASSERT_NE(service, nullptr);
  CallInBackground(1);
  EXPECT_TRUE(service->Until([&] { return !service->streams().empty(); }));
  service->ReplyWhole(
      service->streams().begin()->first,
      {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "5"}});
  Drive(*service, absl::Milliseconds(1));
  EXPECT_EQ(Outcomes().front().code(), absl::StatusCode::kNotFound);
}

TEST_F(SilenceTest, NothingIsGivenUpWithoutPings) {
  options_.upstream.ping = false;
  options_.default_deadline = absl::Milliseconds(500);
  RawListener listener;
  Start(listener.port());
  auto service = Connected(listener);
  EXPECT_THAT(Call(kGetMember, "", {}, absl::InfiniteDuration()).status,
              HasReason(api::v1::Error::DEADLINE_PASSED));
  EXPECT_EQ(Of(listener.port()).pings, 0u);
}

TEST_F(SilenceTest, AServiceThatTakesPingsForAbuseGetsNoMore) {
  RawListener listener;
  Start(listener.port());
  auto service = Connected(listener);
  CallInBackground(1);
  ASSERT_TRUE(service->Until([&] { return service->pings() == 1; }));
  const std::string_view why = "too_many_pings";
  nghttp2_submit_goaway(service->session(), NGHTTP2_FLAG_NONE, 1, NGHTTP2_ENHANCE_YOUR_CALM,
                        reinterpret_cast<const uint8_t*>(why.data()), why.size());
  Drive(*service, absl::Milliseconds(1));
  auto next = listener.Accept();
  ASSERT_NE(next, nullptr);
  CallInBackground(1);
  ASSERT_TRUE(next->Until([&] { return !next->streams().empty(); }));
  Drive(*next, absl::Milliseconds(400));
  EXPECT_EQ(next->pings(), 0);
  service.reset();
  next.reset();
  Outcomes();
}

TEST_F(SilenceTest, NoMoreThanHalfOfTheAddressesAreEjected) {
  RawListener listeners[3];
  StartReplicas(0, {listeners[0].port(), listeners[1].port(), listeners[2].port()});
  std::vector<std::unique_ptr<RawPeer>> services;
  for (RawListener& listener : listeners) services.push_back(Connected(listener));
  CallInBackground(3, kCreateMember, As("secretary"));
  for (const absl::Status& status : Outcomes()) {
    EXPECT_THAT(status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  }
  EXPECT_EQ(Sum(&EndpointSnapshot::ping_timeouts), 3u);
  EXPECT_EQ(Sum(&EndpointSnapshot::ejections), 1u);
}

TEST_F(SilenceTest, WhatIsEjectedGetsCallsOnlyWhenThereIsNoOther) {
  RawListener listener;
  StartReplicas(1, {listener.port()});
  auto silent = Connected(listener);
  CallInBackground(2, kCreateMember, As("secretary"));
  Outcomes();
  ASSERT_EQ(Of(listener.port()).ejections, 1u);
  // It answers again, and is connected.
  auto back = listener.Accept();
  ASSERT_NE(back, nullptr);
  Drive(*back, absl::Milliseconds(20));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_TRUE(back->streams().empty());

  replicas_[0]->Stop();
  EXPECT_TRUE(Await([&] { return Of(replicas_[0]->port()).state == EndpointState::kUnreachable; }));
  CallInBackground(1);
  EXPECT_TRUE(back->Until([&] { return !back->streams().empty(); }));
  back.reset();
  Outcomes();
}

TEST_F(SilenceTest, WhatWasEjectedIsTriedAgain) {
  options_.upstream.ejection = absl::Milliseconds(20);
  options_.upstream.slow_start = absl::Milliseconds(1);
  RawListener listener;
  StartReplicas(1, {listener.port()});
  auto silent = Connected(listener);
  CallInBackground(2, kCreateMember, As("secretary"));
  Outcomes();
  ASSERT_EQ(Of(listener.port()).ejections, 1u);
  auto back = listener.Accept();
  ASSERT_NE(back, nullptr);
  Drive(*back, absl::Milliseconds(1));
  EXPECT_TRUE(Await([&] { return Of(listener.port()).state == EndpointState::kUsable; }));
  CallInBackground(2);
  EXPECT_TRUE(back->Until([&] { return !back->streams().empty(); }));
  back.reset();
  Outcomes();
}

}  // namespace
}  // namespace baliprocess::gateway
