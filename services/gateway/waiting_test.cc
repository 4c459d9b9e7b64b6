// Calls that wait for a service that can't be reached: while its only replica restarts, until it
// has been away for too long, and no more of them than there is room for.

#include <gmock/gmock.h>

#include <list>
#include <thread>

#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "services/gateway/testing/replicas.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::Scrape;
using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Optional;

constexpr char kGauge[] =
    R"(gateway_waiting_calls{service="baliprocess.membership.v1.MembershipService"})";
constexpr char kWaits[] =
    R"(gateway_waits_total{service="baliprocess.membership.v1.MembershipService"})";
constexpr char kFull[] = R"(gateway_limited_total{limit="too many calls wait for a service"})";

MATCHER(HasRetryInfo, "") { return RetryDelayOf(arg) > absl::ZeroDuration(); }

class WaitingTest : public ReplicasTest {
 protected:
  WaitingTest() {
    admin_.listen = "127.0.0.1:0";
    options_.wait_for_service = kSoon;
  }

  // A gateway whose service was there, and is away.
  void StartAndLose() {
    StartReplicas(1);
    EXPECT_THAT(Call(kGetMember, "").status, IsOk());
    Lose();
  }
  void Lose() {
    port_ = replicas_[0]->port();
    replicas_.clear();
    EXPECT_TRUE(Await([&] { return Count(EndpointState::kUsable) == 0; }));
  }
  void Return() { replicas_.push_back(std::make_unique<TestBackend>(port_)); }

  double Number(const std::string& name) { return Scrape(operators_->port())[name]; }
  bool AwaitWaiting(int calls) {
    return Await([&] { return Number(kGauge) == calls; });
  }

  int port_ = 0;
};

TEST_F(WaitingTest, CallsWaitForAServiceThatRestarts) {
  StartAndLose();
  CallInBackground(3);
  CallInBackground(2, kCreateMember, As("secretary"));  // that may be made once
  ClientCall watch(channel_, kWatchChanges, As("secretary"));
  watch.SendOnly("watch");
  ASSERT_TRUE(AwaitWaiting(6));
  Return();
  for (const absl::Status& status : Outcomes()) EXPECT_THAT(status, IsOk());
  EXPECT_THAT(watch.Receive(), Optional(Eq("watch")));
  EXPECT_THAT(watch.Finish(), IsOk());
  EXPECT_EQ(Seen(), 6);
  EXPECT_EQ(Number(kGauge), 0);
  EXPECT_EQ(Number(kWaits), 6);
}

TEST_F(WaitingTest, ACallThatIsLostWithItsServiceWaitsForTheNext) {
  StartReplicas(1);
  CallInBackground(1, kGetMember, {{"do", "hang"}});
  ASSERT_TRUE(replicas_[0]->WaitFor([](const TestBackend::Seen& seen) { return seen.calls == 1; }));
  Lose();
  ASSERT_TRUE(AwaitWaiting(1));
  Return();
  EXPECT_TRUE(replicas_[0]->WaitFor([](const TestBackend::Seen& seen) { return seen.calls == 1; }));
  replicas_[0]->Stop();
  gateway_.reset();
  Outcomes();
}

TEST_F(WaitingTest, CallsWaitForAServiceThatStartsAfterTheGateway) {
  port_ = TestBackend().port();
  options_.names = &lookup_;
  options_.allow_plaintext = true;
  options_.upstream.resolve_interval = absl::Milliseconds(10);
  options_.services = {{"membership", {"membership.test:7401"}}};
  Start(0);
  CallInBackground(2);
  ASSERT_TRUE(AwaitWaiting(2));
  Return();
  lookup_.Set({port_});
  for (const absl::Status& status : Outcomes()) EXPECT_THAT(status, IsOk());
}

TEST_F(WaitingTest, OnceAWaitHasRunOutCallsAreRefusedAtOnceUntilTheServiceIsBack) {
  LogCapture log;
  options_.wait_for_service = absl::Seconds(2);
  StartAndLose();
  EXPECT_THAT(Call(kGetMember, "").status,
              AllOf(HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE), HasRetryInfo()));
  EXPECT_EQ(Number(kWaits), 1);
  EXPECT_EQ(log.Count("calls have waited for a service in vain"), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Call(kGetMember, "").status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  }
  EXPECT_EQ(Number(kWaits), 1) << "the later calls don't wait";
  Return();
  AwaitUsable(1);
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  // The next absence is waited for anew.
  Lose();
  EXPECT_THAT(Call(kGetMember, "").status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(Number(kWaits), 2);
}

TEST_F(WaitingTest, AddressesAreTriedWhileCallsWaitWhateverTheirDelays) {
  options_.reconnect_delay = absl::Hours(1);
  options_.max_reconnect_delay = absl::Hours(1);
  StartAndLose();
  EXPECT_TRUE(Await([&] { return Sum(&EndpointSnapshot::connect_failures) > 0; }));
  CallInBackground(1);
  ASSERT_TRUE(AwaitWaiting(1));
  Return();
  EXPECT_THAT(Outcomes().back(), IsOk());
}

// The time that a try has doesn't run out with the wait before it.
TEST_F(WaitingTest, ATryAfterTheWaitIsMadeElsewhereWhenItIsSlow) {
  options_.upstream.try_timeout = absl::Seconds(1);
  StartReplicas(2);
  std::vector<int> ports;
  for (const auto& replica : replicas_) ports.push_back(replica->port());
  replicas_.clear();
  EXPECT_TRUE(Await([&] { return Count(EndpointState::kUsable) == 0; }));
  const absl::Time begin = absl::Now();
  CallInBackground(1);
  ASSERT_TRUE(AwaitWaiting(1));
  EXPECT_TRUE(Await([&] { return absl::Now() - begin > options_.upstream.try_timeout; }));
  replicas_.push_back(std::make_unique<TestBackend>(ports[0]));
  replicas_[0]->Behave("hang");
  EXPECT_TRUE(replicas_[0]->WaitFor([](const TestBackend::Seen& seen) { return seen.calls == 1; }));
  replicas_.push_back(std::make_unique<TestBackend>(ports[1]));
  for (const absl::Status& status : Outcomes()) EXPECT_THAT(status, IsOk());
}

TEST_F(WaitingTest, NobodyWaitsWhereThatIsTurnedOff) {
  options_.wait_for_service = absl::ZeroDuration();
  StartAndLose();
  EXPECT_THAT(Call(kGetMember, "").status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(Number(kWaits), 0);
}

TEST_F(WaitingTest, ACallWaitsUpToItsDeadlineAndNoLongerThanItsClient) {
  StartAndLose();
  EXPECT_THAT(Call(kGetMember, "", {}, absl::Milliseconds(100)).status.code(),
              absl::StatusCode::kDeadlineExceeded);
  {
    ClientCall call(channel_, kGetMember);
    call.SendOnly("");
    ASSERT_TRUE(AwaitWaiting(1));
    call.Cancel();
    EXPECT_FALSE(call.Finish().ok());
  }
  EXPECT_TRUE(AwaitWaiting(0));
}

TEST_F(WaitingTest, MoreCallsThanThereIsRoomForAreRefusedAtOnce) {
  LogCapture log;
  options_.limits.max_waiting_calls = 2;
  StartAndLose();
  CallInBackground(2);
  ASSERT_TRUE(AwaitWaiting(2));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Call(kGetMember, "").status,
                AllOf(HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE), HasRetryInfo()));
  }
  EXPECT_EQ(Number(kFull), 3);
  EXPECT_EQ(log.Count("too many wait already"), 1);
  Return();
  for (const absl::Status& status : Outcomes()) EXPECT_THAT(status, IsOk());
}

TEST_F(WaitingTest, MoreBytesThanThereIsRoomForAreRefusedAtOnce) {
  options_.limits.max_waiting_bytes = 150 << 10;
  StartAndLose();
  std::list<std::unique_ptr<ClientCall>> calls;
  // A request that isn't whole counts as the window that it may fill: 128 KiB.
  for (int i = 0; i < 2; ++i) {
    calls.push_back(
        std::make_unique<ClientCall>(channel_, kGetMember, Headers(), absl::Seconds(20)));
  }
  calls.front()->Send(std::string(100 << 10, 'x'));
  ASSERT_TRUE(AwaitWaiting(1));
  calls.back()->SendOnly(std::string(40 << 10, 'x'));
  EXPECT_THAT(calls.back()->Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(Number(kFull), 1);
  EXPECT_THAT(
      Call(kGetMember, std::string(1 << 10, 'x'), {}, absl::Milliseconds(100)).status.code(),
      absl::StatusCode::kDeadlineExceeded)
      << "a small one waits";
  Return();
  calls.front()->EndSending();
  EXPECT_THAT(calls.front()->Finish(), IsOk());
}

TEST_F(WaitingTest, AllEventLoopsHaveOneLineAboutIt) {
  LogCapture log;
  options_.threads = 4;
  StartReplicas(1);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < options_.threads; ++i) channels.push_back(NewChannel());
  EXPECT_TRUE(Await([&] { return Count(EndpointState::kUsable) == options_.threads; }));
  Lose();
  std::list<ClientCall> calls;
  for (const auto& channel : channels) calls.emplace_back(channel, kGetMember).SendOnly("");
  ASSERT_TRUE(AwaitWaiting(options_.threads));
  EXPECT_TRUE(Await([&] { return Sum(&EndpointSnapshot::connect_failures) >= 4; }));
  Return();
  for (ClientCall& call : calls) EXPECT_THAT(call.Finish(), IsOk());
  EXPECT_EQ(log.Count("calls wait for a service service="), 1);
  EXPECT_EQ(log.Count("calls wait for a service no longer"), 1);
  EXPECT_EQ(log.Count("a service can't be connected to"), 1);
}

}  // namespace
}  // namespace baliprocess::gateway
