// Which address of a service gets a call: the least busy one of those that are fit.

#include <gmock/gmock.h>

#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/testing/replicas.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

bool TellsWhenToComeAgain(const absl::Status& status) {
  return status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value();
}

class BalancingTest : public ReplicasTest {
 protected:
  BalancingTest() {
    options_.connect_timeout = kSoon;
    options_.max_reconnect_delay = absl::Milliseconds(100);
  }

  // A gateway that finds the service by a name.
  void StartNamed(std::vector<int> ports) {
    lookup_.Set(std::move(ports));
    options_.names = &lookup_;
    options_.allow_plaintext = true;
    options_.upstream.resolve_interval = absl::Milliseconds(10);
    options_.services = {{"membership", {"replicas.test:7401"}}};
    Start(0);
  }
};

TEST_F(BalancingTest, CallsGoToTheAddressWithTheLeastUnderWay) {
  StartReplicas(3);
  replicas_[0]->Behave("hold");
  replicas_[1]->Behave("hold");
  for (int i = 1; i <= 6; ++i) {
    CallInBackground(1);
    ASSERT_TRUE(Await([&] { return Seen() == i; }));
  }
  ASSERT_TRUE(Await([&] {
    return Sum(&EndpointSnapshot::outstanding) ==
           replicas_[0]->seen().calls + replicas_[1]->seen().calls;
  }));
  EXPECT_GE(replicas_[0]->seen().calls, 1);
  EXPECT_GE(replicas_[1]->seen().calls, 1);
  const int before = replicas_[2]->seen().calls;
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(replicas_[2]->seen().calls - before, 20);
  replicas_[0]->Release();
  replicas_[1]->Release();
}

TEST_F(BalancingTest, EqualsTakeTurns) {
  StartReplicas(3);
  for (int i = 0; i < 30; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  for (const auto& replica : replicas_) EXPECT_EQ(replica->seen().calls, 10);
}

// A replica full of watches has as much room for unary calls as one that has just come.
TEST_F(BalancingTest, OpenStreamsDoNotKeepUnaryCallsAway) {
  for (int i = 0; i < 2; ++i) replicas_.push_back(std::make_unique<TestBackend>());
  StartNamed({replicas_[0]->port()});
  AwaitUsable(1);
  Headers hang = As("secretary");
  hang.emplace_back("do", "hang");
  std::deque<ClientCall> watches;
  for (int i = 0; i < 10; ++i) {
    watches.emplace_back(channel_, kWatchChanges, hang);
    watches.back().SendOnly("");
  }
  ASSERT_TRUE(Await([&] { return replicas_[0]->seen().calls == 10; }));
  lookup_.Set({replicas_[0]->port(), replicas_[1]->port()});
  AwaitUsable(2);
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(replicas_[0]->seen().calls, 20);
  for (int i = 0; i < 4; ++i) {
    watches.emplace_back(channel_, kWatchChanges, hang);
    watches.back().SendOnly("");
  }
  EXPECT_TRUE(Await([&] { return replicas_[1]->seen().calls == 14; })) << "streams go elsewhere";
}

TEST_F(BalancingTest, WhatFailsFastDoesNotDrawTheCalls) {
  StartReplicas(3);
  replicas_[0]->Behave("unavailable");
  replicas_[1]->Behave("slow");
  replicas_[2]->Behave("slow");
  for (int i = 0; i < 10; ++i) {
    CallInBackground(4, kCreateMember, As("secretary"));
    Outcomes();
  }
  EXPECT_LE(replicas_[0]->seen().calls, 20);
  EXPECT_EQ(Of(replicas_[0]->port()).unavailable,
            static_cast<uint64_t>(replicas_[0]->seen().calls));
  EXPECT_EQ(Sum(&EndpointSnapshot::ejections), 0u) << "a caller may have provoked it";
}

TEST_F(BalancingTest, NamesAreLookedUpAgain) {
  for (int i = 0; i < 2; ++i) replicas_.push_back(std::make_unique<TestBackend>());
  StartNamed({replicas_[0]->port()});
  AwaitUsable(1);
  ClientCall open(channel_, kGetMember, {{"do", "await"}});
  open.SendOnly("");
  EXPECT_THAT(open.Receive(), Optional(Eq("begun")));

  lookup_.Set({replicas_[0]->port(), replicas_[1]->port()});
  AwaitUsable(2);
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_GE(replicas_[1]->seen().calls, 5);

  lookup_.Set({replicas_[1]->port()});
  ASSERT_TRUE(Await([&] { return gateway_->Endpoints().size() == 1; }));
  const int before = replicas_[0]->seen().calls;
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(replicas_[0]->seen().calls, before);
  replicas_[0]->Release();
  EXPECT_THAT(open.Receive(), Optional(Eq("released"))) << "what has begun there ends there";
  EXPECT_THAT(open.Finish(), IsOk());
}

TEST_F(BalancingTest, ANameThatIsNoLongerKnownKeepsItsAddresses) {
  replicas_.push_back(std::make_unique<TestBackend>());
  StartNamed({replicas_[0]->port()});
  AwaitUsable(1);
  lookup_.Set({});
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
}

TEST_F(BalancingTest, ANameThatIsUnknownAtFirst) {
  replicas_.push_back(std::make_unique<TestBackend>());
  StartNamed({});
  const absl::Status status = Call(kGetMember, "").status;
  EXPECT_THAT(status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_TRUE(TellsWhenToComeAgain(status));
  lookup_.Set({replicas_[0]->port()});
  AwaitUsable(1);
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
}

TEST_F(BalancingTest, WhenNoAddressIsUsableCallersAreToldAtOnce) {
  auto gone = std::make_unique<TestBackend>();
  const int port = gone->port();
  gone.reset();
  Start(port);
  const absl::Time start = absl::Now();
  for (int i = 0; i < 5; ++i) {
    const absl::Status status = Call(kGetMember, "").status;
    EXPECT_THAT(status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
    EXPECT_TRUE(TellsWhenToComeAgain(status));
  }
  EXPECT_LT(absl::Now() - start, kSoon / 2);
  EXPECT_TRUE(Await([&] { return Count(EndpointState::kUnreachable) == 1; }));
}

// Not when the gateway would have tried the next time.
TEST_F(BalancingTest, AnAddressThatIsBackIsUsedByTheCallThatAsksForIt) {
  options_.reconnect_delay = options_.max_reconnect_delay = absl::Minutes(5);
  auto gone = std::make_unique<TestBackend>();
  const int port = gone->port();
  gone.reset();
  Start(port);
  EXPECT_THAT(Call(kGetMember, "").status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  TestBackend back(port);
  EXPECT_TRUE(Await([&] { return Call(kGetMember, "").status.ok(); }));
}

TEST_F(BalancingTest, CallsWaitForAFirstConnection) {
  RawListener listener;
  Start(listener.port());
  CallInBackground(1);
  auto service = listener.Accept();
  ASSERT_NE(service, nullptr);
  ASSERT_TRUE(service->Until([&] { return !service->streams().empty(); }));
  service->ReplyWhole(
      service->streams().begin()->first,
      {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "5"}});
  service->Until([&] { return nghttp2_session_want_write(service->session()) == 0; });
  EXPECT_EQ(Outcomes().front().code(), absl::StatusCode::kNotFound);
}

TEST_F(BalancingTest, AnAddressThatComesIsUsed) {
  auto gone = std::make_unique<TestBackend>();
  const int port = gone->port();
  gone.reset();
  StartReplicas(1, {port});
  for (int i = 0; i < 4; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(replicas_[0]->seen().calls, 4);
  replicas_.push_back(std::make_unique<TestBackend>(port));
  AwaitUsable(2);
  for (int i = 0; i < 4; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(replicas_[1]->seen().calls, 2);
}

TEST_F(BalancingTest, ServicesThatDoNotServeGetCallsOnlyWhenNoneDoes) {
  options_.upstream.health = true;
  for (int i = 0; i < 2; ++i) replicas_.push_back(std::make_unique<TestBackend>());
  replicas_[0]->SetHealth(false);
  replicas_[1]->SetHealth(true);
  StartReplicas(0, {replicas_[0]->port(), replicas_[1]->port()});
  AwaitUsable(1);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(replicas_[0]->seen().calls, 0);
  EXPECT_TRUE(Await([&] { return Count(EndpointState::kNotServing) == 1; }));

  replicas_[0]->SetHealth(true);
  AwaitUsable(2);
  for (int i = 0; i < 4; ++i) EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(replicas_[0]->seen().calls, 2);

  for (const auto& replica : replicas_) replica->SetHealth(false);
  ASSERT_TRUE(Await([&] { return Count(EndpointState::kNotServing) == 2; }));
  EXPECT_THAT(Call(kGetMember, "").status, IsOk()) << "they answer what they can";
}

TEST_F(BalancingTest, ServicesThatKnowNothingOfHealthServe) {
  options_.upstream.health = true;
  options_.upstream.health_timeout = kSoon;
  StartReplicas(1);
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
}

TEST_F(BalancingTest, ServicesThatSayNothingOfHealthServeAfterAWhile) {
  options_.upstream.health = true;
  options_.upstream.health_timeout = absl::Milliseconds(20);
  RawListener listener;
  Start(listener.port());
  CallInBackground(1);
  auto service = listener.Accept();
  ASSERT_NE(service, nullptr);
  ASSERT_TRUE(service->Until([&] { return service->streams().size() == 2; }));
  const auto& watch = service->streams().begin()->second;
  EXPECT_EQ(watch.headers.at(":path"), "/grpc.health.v1.Health/Watch");
  EXPECT_THAT(watch.data, HasSubstr("baliprocess.membership.v1.MembershipService"));
  service.reset();
}

TEST_F(BalancingTest, ConnectionsAgeAndAreReplaced) {
  options_.upstream.connection_age = absl::Milliseconds(20);
  StartReplicas(1);
  ClientCall open(channel_, kGetMember, {{"do", "await"}});
  open.SendOnly("");
  EXPECT_THAT(open.Receive(), Optional(Eq("begun")));
  EXPECT_TRUE(Await([&] {
    EXPECT_THAT(Call(kGetMember, "").status, IsOk());
    return replicas_[0]->seen().peers.size() >= 4;
  }));
  replicas_[0]->Release();
  EXPECT_THAT(open.Receive(), Optional(Eq("released")));
  EXPECT_THAT(open.Finish(), IsOk());
}

TEST_F(BalancingTest, ConnectionsThatEndlessCallsHoldAreFew) {
  options_.upstream.connection_age = absl::Milliseconds(10);
  StartReplicas(1);
  std::deque<ClientCall> open;
  // One on each connection.
  for (size_t peers = 0; peers < 5; ++peers) {
    ASSERT_TRUE(Await([&] {
      open.emplace_back(channel_, kGetMember, Headers{{"do", "await"}});
      open.back().SendOnly("");
      open.back().Receive();
      return replicas_[0]->seen().peers.size() > peers;
    }));
  }
  const absl::Time end = absl::Now() + absl::Milliseconds(200);
  while (absl::Now() < end) {
    EXPECT_THAT(Call(kGetMember, "").status, IsOk());
    EXPECT_LE(Of(replicas_[0]->port()).connections, 6);
  }
  replicas_[0]->Release();
}

}  // namespace
}  // namespace baliprocess::gateway
