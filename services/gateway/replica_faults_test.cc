// One of three replicas is at fault, under load: what may be made twice doesn't fail, what may not
// isn't made twice, and there are few tries beyond the calls.

#include <gmock/gmock.h>

#include <atomic>

#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/testing/replicas.h"

namespace baliprocess::gateway {
namespace {

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
          if (safe && !status.ok()) ++failed_;
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
    EXPECT_EQ(failed_, 0);
    EXPECT_LE(Sum(&EndpointSnapshot::attempts),
              static_cast<uint64_t>(1.2 * (safe_calls_ + unsafe_calls_)));
    int unsafe_seen = unsafe_seen_elsewhere_;
    for (const auto& replica : replicas_) unsafe_seen += replica->seen().calls_of[kCreateMember];
    EXPECT_LE(unsafe_seen, unsafe_calls_);
  }

  std::atomic<bool> enough_ = false;
  std::atomic<int> safe_calls_ = 0;
  std::atomic<int> unsafe_calls_ = 0;
  std::atomic<int> failed_ = 0;  // of the safe ones
  int unsafe_seen_elsewhere_ = 0;
  std::vector<std::thread> callers_;
};

TEST_F(ReplicaFaultsTest, Killed) {
  StartReplicas(3);
  BeginLoad();
  const int port = replicas_[0]->port();
  replicas_[0]->Stop();
  AwaitCalls(300);
  replicas_.push_back(std::make_unique<TestBackend>(port));
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
