#include "common/rpc/client.h"

#include <atomic>
#include <thread>
#include <vector>

#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;

class PeerTest : public ServerTest {
 protected:
  PeerTest() {
    parent_.deadline = absl::Now() + absl::Seconds(20);
    parent_.call_id = "parent-1";
    parent_.authorization = "Bearer secretary";
    parent_.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  }
  absl::StatusOr<std::unique_ptr<Peer>> MakePeer(absl::Duration timeout = absl::Seconds(10)) {
    PeerOptions options;
    options.name = "echo";
    options.address = address_;
    options.timeout = timeout;
    return Peer::Create(options);
  }
  absl::Status Ask(Peer& peer) {
    EchoRequest request;
    request.set_text("asked");
    return peer.Call(parent_, kChange, request, reply_);
  }
  absl::Status Run(absl::Duration timeout = absl::Seconds(10)) {
    const auto peer = MakePeer(timeout);
    return peer.ok() ? Ask(**peer) : peer.status();
  }
  void StartPeer() {
    Start();
    address_ = absl::StrCat("127.0.0.1:", server_->port());
  }

  Call parent_;
  std::string address_;
  EchoReply reply_;
};

TEST_F(PeerTest, PassesOnWhoAsksAndWhy) {
  Call seen;
  change_ = [&](Call& call, const EchoRequest& request, EchoReply& reply) {
    seen = call;
    reply.set_text(request.text());
    return absl::OkStatus();
  };
  StartPeer();
  ASSERT_OK(Run());
  EXPECT_EQ(reply_.text(), "asked");
  EXPECT_EQ(seen.caller.subject, "secretary");
  EXPECT_EQ(seen.call_id, "parent-1");
  EXPECT_EQ(seen.traceparent.substr(0, 36), parent_.traceparent.substr(0, 36));
  EXPECT_LT(absl::AbsDuration(seen.deadline - absl::Now()), absl::Seconds(11));
}

TEST_F(PeerTest, DeadlineIsTheParentsWhenThatIsSooner) {
  change_ = [](Call& call, const EchoRequest&, EchoReply&) -> absl::Status {
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(1));
    return absl::CancelledError("nobody waits");
  };
  StartPeer();
  parent_.deadline = absl::Now() + absl::Milliseconds(100);
  EXPECT_THAT(Run(), HasReason(api::v1::DEADLINE_PASSED));
}

TEST_F(PeerTest, NeverWaitsLongerThanItsOwnTimeout) {
  change_ = [](Call& call, const EchoRequest&, EchoReply&) -> absl::Status {
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(1));
    return absl::CancelledError("nobody waits");
  };
  StartPeer();
  parent_.deadline = absl::InfiniteFuture();
  EXPECT_THAT(Run(absl::Milliseconds(100)), HasReason(api::v1::TEMPORARILY_UNAVAILABLE));
}

TEST_F(PeerTest, ReasonsOfThePeerComeBack) {
  change_ = [](Call&, const EchoRequest&, EchoReply&) { return NotFound("members/xyz"); };
  StartPeer();
  EXPECT_THAT(Run(), HasReason(api::v1::RESOURCE_NOT_FOUND));
  parent_.authorization.clear();
  EXPECT_THAT(Run(), HasReason(api::v1::TOKEN_MISSING));
}

TEST_F(PeerTest, UnreachableIsTemporarilyUnavailable) {
  StartPeer();
  server_.reset();
  EXPECT_THAT(Run(), HasReason(api::v1::TEMPORARILY_UNAVAILABLE));
}

TEST(BreakerTest, LeavesAPeerAloneThatFails) {
  Breaker breaker;
  const absl::Time now = absl::FromUnixSeconds(1714608000);
  for (int i = 0; i < Breaker::kFailures; ++i) {
    EXPECT_TRUE(breaker.Allows(now));
    breaker.Record(false, now);
  }
  EXPECT_FALSE(breaker.Allows(now));
  EXPECT_TRUE(breaker.Allows(now + Breaker::kPause));
  EXPECT_FALSE(breaker.Allows(now + Breaker::kPause));  // one at a time
  breaker.Record(false, now + Breaker::kPause);
  EXPECT_FALSE(breaker.Allows(now + 1.5 * Breaker::kPause));
  EXPECT_TRUE(breaker.Allows(now + 2 * Breaker::kPause));
  breaker.Record(true, now + 2 * Breaker::kPause);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(breaker.Allows(now));
}

TEST(BreakerTest, AnAnswerBetweenFailuresCounts) {
  Breaker breaker;
  const absl::Time now = absl::FromUnixSeconds(1714608000);
  for (int i = 0; i < 10 * Breaker::kFailures; ++i) {
    EXPECT_TRUE(breaker.Allows(now));
    breaker.Record(i % Breaker::kFailures == 0, now);
  }
}

TEST(BreakerTest, AClockThatWasSetBackHoldsNobody) {
  Breaker breaker;
  const absl::Time now = absl::FromUnixSeconds(1714608000);
  for (int i = 0; i < Breaker::kFailures; ++i) breaker.Record(false, now);
  EXPECT_TRUE(breaker.Allows(now - absl::Hours(1)));
}

// The hanging peer is asked by few: the others are refused at once.
TEST_F(PeerTest, APeerThatHangsIsLeftAlone) {
  std::atomic<int> asked = 0;
  change_ = [&](Call& call, const EchoRequest&, EchoReply&) -> absl::Status {
    ++asked;
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(1));
    return absl::CancelledError("nobody waits");
  };
  StartPeer();
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer(absl::Milliseconds(1000)));
  std::vector<std::thread> callers;
  for (int i = 0; i < Breaker::kFailures; ++i) {
    callers.emplace_back([&] {
      EchoReply reply;
      EXPECT_THAT(peer->Call(parent_, kChange, EchoRequest(), reply),
                  HasReason(api::v1::TEMPORARILY_UNAVAILABLE));
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(Ask(*peer), HasReason(api::v1::TEMPORARILY_UNAVAILABLE));
  }
  EXPECT_LE(asked, Breaker::kFailures + 3);
}

// Real time passes: what is tested is how long a connection isn't tried.
TEST_F(PeerTest, IsReachedSoonAfterALongAbsence) {
  address_ = "unix:" + ::testing::TempDir() + "/client_test.sock";
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer());
  const absl::Time back = absl::Now() + absl::Milliseconds(6300);
  while (absl::Now() < back) {
    ASSERT_THAT(Ask(*peer), HasReason(api::v1::TEMPORARILY_UNAVAILABLE));
    absl::SleepFor(absl::Milliseconds(20));
  }
  options_.listen = address_;
  Start();
  const absl::Time soon = absl::Now() + absl::Milliseconds(1800);
  while (!Ask(*peer).ok()) {
    ASSERT_LT(absl::Now(), soon);
    absl::SleepFor(absl::Milliseconds(20));
  }
}

}  // namespace
}  // namespace baliprocess::rpc
