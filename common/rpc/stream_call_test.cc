// Server streams, through a server and a client in one process.

#include "common/rpc/stream_call.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <thread>

#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::testing::AnyOf;

// What a test and its source share.
class Feed {
 public:
  void Push(std::string text) {
    {
      std::lock_guard lock(mutex_);
      texts_.push_back(std::move(text));
    }
    Wake();
  }
  void Wake() {
    std::function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      wake = wake_;
    }
    if (wake) wake();
  }
  void set_end(absl::Status end) {
    {
      std::lock_guard lock(mutex_);
      end_ = std::move(end);
    }
    Wake();
  }
  // Waits until sources are gone as often as `times` says.
  void WaitForDestroyed(int times = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return destroyed_ >= times; });
  }
  void WaitForPulls(int pulls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return pulls_ >= pulls; });
  }
  int pulls() {
    std::lock_guard lock(mutex_);
    return pulls_;
  }
  int most_at_once() const { return most_at_once_; }

  // A source that reads this feed.
  std::unique_ptr<StreamSource> Open(std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    return std::make_unique<Source>(*this);
  }

 private:
  class Source final : public StreamSource {
   public:
    explicit Source(Feed& feed) : feed_(feed) {}
    ~Source() override {
      std::lock_guard lock(feed_.mutex_);
      ++feed_.destroyed_;
      feed_.changed_.notify_all();
    }
    absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
      feed_.most_at_once_ = std::max<int>(feed_.most_at_once_, ++feed_.at_once_);
      auto next = PullAlone(static_cast<EchoReply&>(reply));
      --feed_.at_once_;
      return next;
    }

   private:
    absl::StatusOr<Next> PullAlone(EchoReply& reply) {
      std::lock_guard lock(feed_.mutex_);
      ++feed_.pulls_;
      feed_.changed_.notify_all();
      if (!feed_.texts_.empty()) {
        reply.set_text(feed_.texts_.front());
        feed_.texts_.pop_front();
        return Next::kMessage;
      }
      if (!feed_.end_) return Next::kIdle;
      if (!feed_.end_->ok()) return *feed_.end_;
      return Next::kEnd;
    }
    Feed& feed_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> texts_;
  std::optional<absl::Status> end_;
  std::function<void()> wake_;
  int pulls_ = 0;
  int destroyed_ = 0;
  std::atomic<int> at_once_ = 0;
  std::atomic<int> most_at_once_ = 0;
};

class StreamCallTest : public ServerTest {
 protected:
  StreamCallTest() {
    watch_ = [this](const std::shared_ptr<Call>& call, const EchoRequest&,
                    std::function<void()> wake) {
      call_ = call;
      return feed_.Open(std::move(wake));
    };
  }
  // The server, and the streams on it, end before what they read.
  ~StreamCallTest() override { server_.reset(); }

  // Waits until nothing moves because nobody reads; the number of pulls until then. The windows of
  // HTTP/2 and TCP take some megabytes first. A pull that comes later than this pause would be
  // missed, never imagined.
  int WaitForStall() {
    int pulls = 0;
    for (int now = feed_.pulls(); pulls != now || now == 0; now = feed_.pulls()) {
      pulls = now;
      absl::SleepFor(absl::Milliseconds(300));
    }
    return pulls;
  }

  Feed feed_;
  std::shared_ptr<Call> call_;
};

TEST_F(StreamCallTest, MessagesArriveInOrderUntilTheEnd) {
  Start();
  feed_.Push("a");
  feed_.Push("b");
  Watcher watcher(*channel_, As("observer"));
  EXPECT_EQ(watcher.Read(), "a");
  EXPECT_EQ(watcher.Read(), "b");
  feed_.Push("c");
  EXPECT_EQ(watcher.Read(), "c");
  feed_.set_end(absl::OkStatus());
  EXPECT_EQ(watcher.Read(), std::nullopt);
  EXPECT_OK(watcher.Finish());
  feed_.WaitForDestroyed();
  EXPECT_EQ(call_->deadline, absl::InfiniteFuture());
  EXPECT_TRUE(call_->cancelled());
  const auto lines = log_.Lines("access");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["method"], kWatch);
  EXPECT_EQ(lines[0]["reply_bytes"], 9);
}

TEST_F(StreamCallTest, AdmissionIsToldBeforeTheFirstMessage) {
  Start();
  Watcher watcher(*channel_, As("observer"));
  watcher.WaitForAdmission();
  feed_.Push("late");
  EXPECT_EQ(watcher.Read(), "late");
}

TEST_F(StreamCallTest, RefusedStreamsNeverOpen) {
  Start();
  Watcher anonymous(*channel_, {});
  EXPECT_THAT(anonymous.Finish(), HasReason(api::v1::Error::TOKEN_MISSING));
  Watcher member(*channel_, As("australia"));
  EXPECT_THAT(member.Finish(), HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_EQ(call_, nullptr);
  EXPECT_EQ(log_.Lines("access").size(), 2u);
}

TEST_F(StreamCallTest, ErrorsOfSourcesEndTheStream) {
  Start();
  Watcher watcher(*channel_, As("observer"));
  feed_.set_end(Error(api::v1::Error::HISTORY_COMPACTED, "too old"));
  EXPECT_THAT(watcher.Finish(), HasReason(api::v1::Error::HISTORY_COMPACTED));
}

TEST_F(StreamCallTest, ErrorsOfTheBodyEndTheStream) {
  watch_ = [](auto&&...) -> absl::StatusOr<std::unique_ptr<StreamSource>> {
    return absl::InternalError("driver text");
  };
  Start();
  Watcher watcher(*channel_, As("observer"));
  EXPECT_THAT(watcher.Finish(), HasReason(api::v1::Error::INTERNAL_ERROR));
}

TEST_F(StreamCallTest, CancellationEndsTheSource) {
  Start();
  Watcher watcher(*channel_, As("observer"));
  watcher.WaitForAdmission();
  feed_.WaitForPulls(1);
  watcher.Cancel();
  feed_.WaitForDestroyed();
  EXPECT_TRUE(call_->cancelled());
  feed_.Wake();  // after the end: nothing happens
  EXPECT_EQ(log_.Lines("access")[0]["code"], "CANCELLED");
  EXPECT_TRUE(log_.Lines("rpc").empty());
}

TEST_F(StreamCallTest, CallersDeadlineEndsTheStream) {
  Start();
  Watcher watcher(*channel_, As("observer"), absl::Now() + absl::Milliseconds(500));
  EXPECT_EQ(watcher.Read(), std::nullopt);
  feed_.WaitForDestroyed();
  // Whichever was first: the server's clock or the client's cancellation.
  EXPECT_THAT(log_.Lines("access")[0]["code"].get<std::string>(),
              AnyOf("DEADLINE_EXCEEDED", "CANCELLED"));
  EXPECT_TRUE(log_.Lines("rpc").empty());
}

TEST_F(StreamCallTest, TokensExpiryEndsAnIdleStream) {
  verifier_->Add("brief", 1u << api::v1::Access::OBSERVER, "",
                 absl::Now() + absl::Milliseconds(500));
  Start();
  Watcher watcher(*channel_, As("brief"));
  EXPECT_THAT(watcher.Finish(), HasReason(api::v1::Error::TOKEN_EXPIRED));
  feed_.WaitForDestroyed();
}

TEST_F(StreamCallTest, SlowReaderStopsThePulls) {
  constexpr int kMessages = 500;
  for (int i = 0; i < kMessages; ++i) feed_.Push(std::string(100'000, 'x'));
  Start();
  Watcher watcher(*channel_, As("observer"));
  watcher.WaitForAdmission();
  EXPECT_LT(WaitForStall(), kMessages / 2);
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(watcher.Read()) << i;
  feed_.set_end(absl::OkStatus());
  EXPECT_OK(watcher.Finish());
}

// Such as the news that the server is shutting down, to a reader who hasn't taken the last yet.
TEST_F(StreamCallTest, WhatASourceWasWokenForBeforeTheEndIsTold) {
  constexpr int kMessages = 500;
  for (int i = 0; i < kMessages; ++i) feed_.Push(std::string(100'000, 'x'));
  // A call that goes on keeps the connection: when the last ends, the server closes it, and what
  // the client hasn't taken from its socket may be lost.
  std::promise<void> called;
  std::promise<void> read_all;
  change_ = [&](Call&, const EchoRequest&, EchoReply&) {
    called.set_value();
    read_all.get_future().wait();
    return absl::OkStatus();
  };
  Start();
  std::thread other([&] { EXPECT_OK(CallText(*channel_, kChange, "", As("secretary")).status); });
  called.get_future().wait();
  Watcher watcher(*channel_, As("observer"));
  const int pulls = WaitForStall();
  feed_.Wake();
  std::thread drain([&] { server_->Shutdown(absl::Seconds(30)); });
  int read = 0;
  while (watcher.Read()) ++read;
  EXPECT_GT(read, pulls);
  EXPECT_THAT(watcher.Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  read_all.set_value();
  other.join();
  drain.join();
}

TEST_F(StreamCallTest, WakersRaceAndNothingIsLostOrDoubled) {
  constexpr int kWakers = 8;
  constexpr int kEach = 500;
  Start();
  Watcher watcher(*channel_, As("observer"));
  watcher.WaitForAdmission();
  std::vector<std::thread> wakers;
  for (int i = 0; i < kWakers; ++i) {
    wakers.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) feed_.Push("x");
    });
  }
  for (int i = 0; i < kWakers * kEach; ++i) ASSERT_TRUE(watcher.Read()) << i;
  for (std::thread& waker : wakers) waker.join();
  feed_.set_end(absl::OkStatus());
  EXPECT_EQ(watcher.Read(), std::nullopt);
  EXPECT_OK(watcher.Finish());
  EXPECT_EQ(feed_.most_at_once(), 1);
}

TEST_F(StreamCallTest, WakersRaceWithTheEnd) {
  Start();
  for (int round = 0; round < 50; ++round) {
    Watcher watcher(*channel_, As("observer"));
    watcher.WaitForAdmission();
    std::thread waker([&] {
      for (int i = 0; i < 100; ++i) feed_.Wake();
    });
    watcher.Cancel();
    waker.join();
    EXPECT_FALSE(watcher.Finish().ok());
  }
  server_->Shutdown(absl::Seconds(10));
}

TEST_F(StreamCallTest, IdleStreamsHoldNoThread) {
  options_.worker_threads = 1;
  Start();
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < 10; ++i) {
    watchers.push_back(std::make_unique<Watcher>(*channel_, As("observer")));
    watchers.back()->WaitForAdmission();
  }
  EXPECT_OK(CallText(*channel_, kChange, "", As("secretary")).status);
}

// What has nothing more isn't asked in vain.
TEST_F(StreamCallTest, AfterTheLastMessageNobodyAsksUntilItIsWoken) {
  class Source final : public StreamSource {
   public:
    explicit Source(std::shared_ptr<std::atomic<int>> pulls) : pulls_(std::move(pulls)) {}
    absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
      static_cast<EchoReply&>(reply).set_text(absl::StrCat(++*pulls_));
      return Next::kLastMessage;
    }

   private:
    const std::shared_ptr<std::atomic<int>> pulls_;
  };
  // The server may be asking once more when the test ends.
  const auto pulls = std::make_shared<std::atomic<int>>(0);
  std::function<void()> wake;
  watch_ = [&](const std::shared_ptr<Call>&, const EchoRequest&, std::function<void()> waker) {
    wake = std::move(waker);
    return std::make_unique<Source>(pulls);
  };
  Start();
  Watcher watcher(*channel_, As("observer"));
  for (int i = 1; i <= 50; ++i) {
    EXPECT_EQ(watcher.Read(), absl::StrCat(i));
    EXPECT_EQ(*pulls, i);
    wake();
  }
  watcher.Cancel();
  EXPECT_FALSE(watcher.Finish().ok());
}

TEST_F(StreamCallTest, StreamsAreCapped) {
  options_.max_streams = 1;
  Start();
  {
    Watcher first(*channel_, As("observer"));
    first.WaitForAdmission();
    Watcher second(*channel_, As("observer"));
    EXPECT_THAT(second.Finish(), HasReason(api::v1::Error::OVERLOADED));
    EXPECT_OK(CallText(*channel_, kEcho, "").status);  // calls have slots of their own
    feed_.WaitForPulls(1);
    first.Cancel();
  }
  feed_.WaitForDestroyed();
  Watcher third(*channel_, As("observer"));
  feed_.Push("x");
  EXPECT_EQ(third.Read(), "x");
}

}  // namespace
}  // namespace baliprocess::rpc
