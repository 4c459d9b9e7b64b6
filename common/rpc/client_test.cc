#include "common/rpc/client.h"

#include <grpcpp/generic/async_generic_service.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/test_util.h"
#include "common/testing/fault_layer.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::FaultLayer;
using ::baliprocess::testing::HasReason;

// The addresses that calls come from, each connection's its own.
class PeersSeen final : public CallLayer {
 public:
  explicit PeersSeen(std::set<std::string>& seen) : seen_(seen) {}
  void OnBegin(const CallView& call) override {
    if (!call.housekeeping) seen_.insert(call.peer());
  }

 private:
  std::set<std::string>& seen_;
};

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
    options.wait = wait_;
    options.ends = ends_;
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
  absl::Duration wait_;
  std::function<bool()> ends_;
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
  EXPECT_EQ(seen.position, "newest");
  EXPECT_LT(absl::AbsDuration(seen.deadline - absl::Now()), absl::Seconds(11));
}

// So that a name is looked up again, and replicas that were added get their share.
TEST_F(PeerTest, ConnectionsDoNotBecomeOld) {
  std::set<std::string> clients;
  options_.layers = {std::make_shared<PeersSeen>(clients)};
  StartPeer();
  ASSERT_OK_AND_ASSIGN(const auto lasting, MakePeer());
  for (int i = 0; i < 3; ++i) ASSERT_OK(Ask(*lasting));
  EXPECT_EQ(clients.size(), 1u);
  PeerOptions options{.name = "echo", .address = address_, .tls = {}, .certificate_name = ""};
  options.connection_age = absl::ZeroDuration();
  ASSERT_OK_AND_ASSIGN(const auto renewed, Peer::Create(options));
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(renewed->AskHealth());
    ASSERT_OK(Ask(*renewed));
  }
  EXPECT_EQ(clients.size(), 4u);
}

TEST_F(PeerTest, DeadlineIsTheParentsWhenThatIsSooner) {
  change_ = [](Call& call, const EchoRequest&, EchoReply&) -> absl::Status {
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(1));
    return absl::CancelledError("nobody waits");
  };
  StartPeer();
  parent_.deadline = absl::Now() + absl::Milliseconds(100);
  EXPECT_THAT(Run(), HasReason(api::v1::Error::DEADLINE_PASSED));
}

TEST_F(PeerTest, NeverWaitsLongerThanItsOwnTimeout) {
  change_ = [](Call& call, const EchoRequest&, EchoReply&) -> absl::Status {
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(1));
    return absl::CancelledError("nobody waits");
  };
  StartPeer();
  parent_.deadline = absl::InfiniteFuture();
  EXPECT_THAT(Run(absl::Milliseconds(100)), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(PeerTest, ReasonsOfThePeerComeBack) {
  change_ = [](Call&, const EchoRequest&, EchoReply&) { return NotFound("members/xyz"); };
  StartPeer();
  EXPECT_THAT(Run(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  parent_.authorization.clear();
  EXPECT_THAT(Run(), HasReason(api::v1::Error::TOKEN_MISSING));
}

TEST_F(PeerTest, UnreachableIsTemporarilyUnavailable) {
  StartPeer();
  server_.reset();
  EXPECT_THAT(Run(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

// Answers as gRPC's servers do of calls that come at their last moment.
class EndingServer final : public grpc::CallbackGenericService {
 public:
  int calls() const { return calls_; }

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    ++calls_;
    class Ending final : public grpc::ServerGenericBidiReactor {
     public:
      Ending() { Finish({grpc::StatusCode::CANCELLED, ""}); }
      void OnDone() override { delete this; }
    };
    return new Ending;
  }

 private:
  std::atomic<int> calls_ = 0;
};

TEST_F(PeerTest, APeerThatEndsIsTemporarilyUnavailable) {
  EndingServer service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_TRUE(server);
  address_ = absl::StrCat("127.0.0.1:", port);
  EXPECT_THAT(Run(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(service.calls(), 1);
  // A question that ends whoever is asked isn't asked for ever.
  wait_ = absl::Seconds(10);
  EXPECT_THAT(Run(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(service.calls(), 1 + 4);
}

class WaitingPeerTest : public PeerTest {
 protected:
  WaitingPeerTest() {
    address_ = "unix:" + ::testing::TempDir() + "/client_test_waiting.sock";
    options_.listen = address_;
    wait_ = absl::Seconds(20);
  }
  static void AwaitWaits(const Peer& peer, int64_t waits) {
    while (peer.counts().waits < waits) absl::SleepFor(absl::Milliseconds(1));
  }
};

TEST_F(WaitingPeerTest, CallsWaitForAPeerThatRestarts) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer(absl::Seconds(20)));
  ASSERT_OK(Ask(*peer));
  server_.reset();
  std::vector<std::thread> callers;
  for (int i = 0; i < 2 * Breaker::kFailures; ++i) {
    callers.emplace_back([&] {
      EchoReply reply;
      EXPECT_OK(peer->Call(parent_, kChange, EchoRequest(), reply));
    });
  }
  AwaitWaits(*peer, 2 * Breaker::kFailures);
  Start();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(peer->counts().failures, 0);
  EXPECT_EQ(peer->counts().refused, 0);
  const auto lines = log_.Lines("peers");
  ASSERT_GE(lines.size(), 2u);
  EXPECT_EQ(lines.front()["message"], "calls wait for a service");
  EXPECT_EQ(lines.front()["service"], "echo");
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) {
                            return line["message"] == "calls wait for a service no longer";
                          }),
            1);
}

TEST_F(WaitingPeerTest, CallsWaitOncePerAbsence) {
  wait_ = absl::Seconds(1);
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer(absl::Seconds(20)));
  EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(peer->counts().waits, 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  }
  EXPECT_EQ(peer->counts().waits, 1) << "the later calls don't wait";
  Start();
  while (!peer->AskHealth().ok()) absl::SleepFor(absl::Milliseconds(1));
  ASSERT_OK(Ask(*peer));
  server_.reset();
  EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(peer->counts().waits, 2) << "the next absence is waited for anew";
}

// Where nobody asks meanwhile, questions for its health tell of the absence.
TEST_F(WaitingPeerTest, AnAbsenceBeginsWithTheFirstQuestionInVain) {
  wait_ = absl::Milliseconds(1);
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer(absl::Seconds(20)));
  EXPECT_FALSE(peer->AskHealth().ok());
  const absl::Time later = absl::Now() + absl::Milliseconds(2);
  while (absl::Now() < later) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(peer->counts().waits, 0);
}

TEST_F(WaitingPeerTest, ACallWaitsNoLongerThanItsCallerAndTheProcess) {
  std::atomic<bool> ends = false;
  ends_ = [&] { return ends.load(); };
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer(absl::Seconds(20)));
  const absl::Time begin = absl::Now();
  parent_.deadline = begin + absl::Milliseconds(100);
  EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  parent_.deadline = begin + absl::Seconds(30);
  std::atomic<bool> cancelled = false;
  parent_.cancelled = [&] { return cancelled.load(); };
  const auto waits_until = [&](std::atomic<bool>& end, int64_t waits) {
    std::thread caller(
        [&] { EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE)); });
    AwaitWaits(*peer, waits);
    end = true;
    caller.join();
    end = false;
  };
  waits_until(cancelled, 2);
  waits_until(ends, 3);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(15));
}

TEST(BreakerTest, LeavesAPeerAloneThatFails) {
  constexpr auto kPause = std::chrono::milliseconds(500);
  ASSERT_EQ(Breaker::kPause, absl::FromChrono(kPause));
  Breaker breaker;
  const SteadyTime now = SteadyNow();
  for (int i = 0; i < Breaker::kFailures; ++i) {
    EXPECT_TRUE(breaker.Allows(now));
    EXPECT_FALSE(breaker.open());
    breaker.Record(false, now);
  }
  EXPECT_TRUE(breaker.open());
  EXPECT_FALSE(breaker.Allows(now));
  EXPECT_TRUE(breaker.Allows(now + kPause));
  EXPECT_FALSE(breaker.Allows(now + kPause));  // one at a time
  breaker.Record(false, now + kPause);
  EXPECT_FALSE(breaker.Allows(now + 3 * kPause / 2));
  EXPECT_TRUE(breaker.Allows(now + 2 * kPause));
  breaker.Record(true, now + 2 * kPause);
  EXPECT_FALSE(breaker.open());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(breaker.Allows(now));
}

TEST(BreakerTest, AnAnswerBetweenFailuresCounts) {
  Breaker breaker;
  const SteadyTime now = SteadyNow();
  for (int i = 0; i < 10 * Breaker::kFailures; ++i) {
    EXPECT_TRUE(breaker.Allows(now));
    breaker.Record(i % Breaker::kFailures == 0, now);
  }
}

// The hanging peer is asked by few: the others are refused at once. So it is said, once, and when
// it is back.
TEST_F(PeerTest, APeerThatHangsIsLeftAlone) {
  const auto faults = std::make_shared<FaultLayer>(kChange, absl::OkStatus());
  options_.layers = {faults};
  StartPeer();
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer(absl::Milliseconds(1000)));
  EXPECT_OK(Ask(*peer));
  faults->HoldCalls();
  std::vector<std::thread> callers;
  for (int i = 0; i < Breaker::kFailures; ++i) {
    callers.emplace_back([&] {
      EchoReply reply;
      EXPECT_THAT(peer->Call(parent_, kChange, EchoRequest(), reply),
                  HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  }
  const Peer::Counts counts = peer->counts();
  EXPECT_EQ(counts.failures, counts.calls - 1);
  EXPECT_LE(counts.failures, Breaker::kFailures + 3);
  EXPECT_EQ(counts.failures + counts.refused, Breaker::kFailures + 100);
  faults->Heal();
  while (!Ask(*peer).ok()) absl::SleepFor(absl::Milliseconds(1));
  const auto lines = log_.Lines("peers");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["service"], "echo");
  EXPECT_EQ(lines[0]["level"], "error");
  EXPECT_EQ(lines[1]["message"], "a service answers again");
}

// A caller without patience can't tell, and doesn't count as answered.
TEST_F(PeerTest, WhoGivesThePeerNoTimeSaysNothingOfIt) {
  const auto faults = std::make_shared<FaultLayer>(kChange, absl::OkStatus());
  options_.layers = {faults};
  StartPeer();
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer(absl::Milliseconds(1000)));
  faults->HoldCalls();
  std::vector<std::thread> callers;
  for (int i = 0; i < Breaker::kFailures - 1; ++i) {
    callers.emplace_back([&] {
      EchoReply reply;
      EXPECT_FALSE(peer->Call(parent_, kChange, EchoRequest(), reply).ok());
    });
  }
  for (std::thread& caller : callers) caller.join();
  Call hasty = parent_;
  hasty.deadline = absl::Now() + absl::Milliseconds(50);
  EXPECT_THAT(peer->Call(hasty, kChange, EchoRequest(), reply_),
              HasReason(api::v1::Error::DEADLINE_PASSED));
  EXPECT_EQ(peer->counts().refused, 0);
  EXPECT_FALSE(Ask(*peer).ok());  // the last that is needed
  EXPECT_FALSE(Ask(*peer).ok());
  EXPECT_EQ(peer->counts().refused, 1);
  faults->Heal();
}

// The reply of the peer is lost although it did what it was asked: it did answer, with an error.
TEST_F(PeerTest, APeerThatTellsErrorsIsNotLeftAlone) {
  const auto faults = std::make_shared<FaultLayer>(
      kChange, Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "as the test says"));
  options_.layers = {faults};
  StartPeer();
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer());
  for (int i = 0; i < 2 * Breaker::kFailures; ++i) {
    faults->LoseReply(1);
    EXPECT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  }
  EXPECT_OK(Ask(*peer));
  EXPECT_EQ(peer->counts().refused, 0);
  EXPECT_EQ(peer->counts().failures, 0);
}

// Real time passes: what is tested is how long a connection isn't tried.
TEST_F(PeerTest, IsReachedSoonAfterALongAbsence) {
  address_ = "unix:" + ::testing::TempDir() + "/client_test.sock";
  ASSERT_OK_AND_ASSIGN(const auto peer, MakePeer());
  const absl::Time back = absl::Now() + absl::Milliseconds(6300);
  while (absl::Now() < back) {
    ASSERT_THAT(Ask(*peer), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
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
