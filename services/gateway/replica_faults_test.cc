// One of three replicas is at fault, under load: what may be made twice doesn't fail, what may not
// isn't made twice, and there are few tries beyond the calls.

#include <gmock/gmock.h>

#include <atomic>
#include <set>

#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/testing/replicas.h"

namespace baliprocess::gateway {
namespace {

// Answers every call, until it dies with those that it has.
class MortalReplica {
 public:
  MortalReplica() : thread_([this] { Run(); }) {}
  ~MortalReplica() { Die(); }

  int port() const { return port_; }
  int answered() const { return answered_; }
  int unsafe_seen() const { return unsafe_seen_; }  // once it is dead

  void Die() {
    dead_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    auto peer = listener_->Accept();
    if (peer == nullptr) return;
    std::set<int32_t> answered;
    peer->Until([&] {
      for (const auto& [id, stream] : peer->streams()) {
        if (!stream.ended || !answered.insert(id).second) continue;
        peer->ReplyWhole(
            id, {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "0"}});
        ++answered_;
      }
      return dead_.load();
    });
    for (const auto& [id, stream] : peer->streams()) {
      const auto path = stream.headers.find(":path");
      unsafe_seen_ += path != stream.headers.end() && path->second == kCreateMember;
    }
    listener_.reset();
  }

  std::unique_ptr<RawListener> listener_ = std::make_unique<RawListener>();
  const int port_ = listener_->port();
  std::atomic<bool> dead_ = false;
  std::atomic<int> answered_ = 0;
  int unsafe_seen_ = 0;
  std::thread thread_;
};

class ReplicaFaultsTest : public ReplicasTest {
 protected:
  ReplicaFaultsTest() {
    options_.max_reconnect_delay = absl::Milliseconds(100);
    options_.upstream.ping_after = absl::Milliseconds(100);
    options_.upstream.ping_timeout = absl::Milliseconds(200);
    options_.upstream.slow_start = absl::Milliseconds(500);
  }
  ~ReplicaFaultsTest() override { EndLoad(); }

  // Some callers make safe calls, others such as may be made once.
  void BeginLoad() {
    for (int i = 0; i < 8; ++i) {
      callers_.emplace_back([this, i] {
        const bool safe = i % 4 != 0;
        while (!enough_) {
          const absl::Status status = safe ? Call(kGetMember, "hello").status
                                           : Call(kCreateMember, "hello", As("secretary")).status;
          ++(safe ? safe_calls_ : unsafe_calls_);
          if (safe && !status.ok()) ADD_FAILURE() << status;
        }
      });
    }
    AwaitCalls(200);
  }
  // Waits until so many more were made.
  void AwaitCalls(int more) {
    const int before = safe_calls_;
    EXPECT_TRUE(Await([&] { return safe_calls_ >= before + more; }));
  }
  void EndLoad() {
    enough_ = true;
    for (std::thread& caller : callers_) caller.join();
    callers_.clear();
  }
  void Judge() {
    EndLoad();
    EXPECT_LE(Sum(&EndpointSnapshot::attempts),
              static_cast<uint64_t>(1.2 * (safe_calls_ + unsafe_calls_)));
    int unsafe_seen = unsafe_seen_elsewhere_;
    for (const auto& replica : replicas_) unsafe_seen += replica->seen().calls_of[kCreateMember];
    EXPECT_LE(unsafe_seen, unsafe_calls_);
  }

  std::atomic<bool> enough_ = false;
  std::atomic<int> safe_calls_ = 0;
  std::atomic<int> unsafe_calls_ = 0;
  int unsafe_seen_elsewhere_ = 0;
  std::vector<std::thread> callers_;
};

TEST_F(ReplicaFaultsTest, Killed) {
  MortalReplica mortal;
  StartReplicas(2, {mortal.port()});
  AwaitUsable(3);
  BeginLoad();
  EXPECT_TRUE(Await([&] { return mortal.answered() > 10; }));
  mortal.Die();
  unsafe_seen_elsewhere_ = mortal.unsafe_seen();
  AwaitCalls(300);
  replicas_.push_back(std::make_unique<TestBackend>(mortal.port()));
  EXPECT_TRUE(Await([&] { return replicas_.back()->seen().calls > 0; })) << "it is used again";
  Judge();
}

TEST_F(ReplicaFaultsTest, Paused) {
  RawListener listener;
  StartReplicas(2, {listener.port()});
  auto paused = listener.Accept();
  ASSERT_NE(paused, nullptr);
  const absl::Time end = absl::Now() + absl::Milliseconds(1);
  paused->Until([&] { return absl::Now() > end; });  // it is greeted, and then says no more
  AwaitUsable(3);
  BeginLoad();
  EXPECT_TRUE(Await([&] { return Of(listener.port()).ping_timeouts > 0; }));
  const uint64_t attempts = Of(listener.port()).attempts;
  AwaitCalls(300);
  EXPECT_EQ(Of(listener.port()).attempts, attempts) << "it is left alone";
  EXPECT_EQ(Of(listener.port()).ejections, 1u);
  EXPECT_FALSE(paused->Until([] { return false; }));
  for (const auto& [id, stream] : paused->streams()) {
    if (stream.headers.at(":path") == kCreateMember) ++unsafe_seen_elsewhere_;
  }
  Judge();
}

TEST_F(ReplicaFaultsTest, Slow) {
  StartReplicas(3);
  BeginLoad();
  replicas_[0]->Behave("slow");
  const int before = replicas_[0]->seen().calls;
  const int all = Seen();
  AwaitCalls(1000);
  EXPECT_LT(replicas_[0]->seen().calls - before, (Seen() - all) / 4) << "it gets less";
  replicas_[0]->Behave("echo");
  Judge();
}

TEST_F(ReplicaFaultsTest, HalfUnavailable) {
  StartReplicas(3);
  BeginLoad();
  replicas_[0]->Behave("half");
  const int before = replicas_[0]->seen().calls;
  const int all = Seen();
  AwaitCalls(1000);
  EXPECT_LT(replicas_[0]->seen().calls - before, (Seen() - all) / 4) << "it gets less";
  Judge();
}

}  // namespace
}  // namespace baliprocess::gateway
