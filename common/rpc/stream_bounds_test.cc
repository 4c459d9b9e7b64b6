// What streams may take of a server: places, bytes, and time of readers who don't read.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "common/rpc/stream_limits.h"
#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;

TEST(StreamBudgetTest, AtTheLimitStreamsWaitForARelease) {
  StreamBudget budget(100);
  int resumed = 0;
  const auto resume = [&] {
    ++resumed;
    return true;
  };
  EXPECT_TRUE(budget.MayPull(resume));
  budget.Add(60);
  EXPECT_TRUE(budget.MayPull(resume));
  budget.Add(60);
  EXPECT_FALSE(budget.MayPull(resume));
  EXPECT_FALSE(budget.MayPull(resume));
  EXPECT_FALSE(budget.MayPull(resume));
  budget.Release(10);
  EXPECT_EQ(resumed, 0);
  // One at a time: it may need all the room.
  budget.Release(50);
  EXPECT_EQ(resumed, 1);
  budget.Add(40);
  budget.PassOn();
  EXPECT_EQ(resumed, 1);
  // Room that one doesn't need is for the next.
  budget.Release(40);
  EXPECT_EQ(resumed, 2);
  budget.PassOn();
  EXPECT_EQ(resumed, 3);
  budget.PassOn();
  EXPECT_EQ(resumed, 3);
  budget.Release(60);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(StreamBudgetTest, WhoHasGoneIsPassedOver) {
  StreamBudget budget(1);
  budget.Add(1);
  int resumed = 0;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(budget.MayPull([&] { return ++resumed > 7; }));
  budget.Release(1);
  EXPECT_EQ(resumed, 8);
}

// Streams on threads: each makes some messages, which its reader takes at once or later.
TEST(StreamBudgetTest, NobodyWaitsForEver) {
  constexpr int kStreams = 100;
  constexpr int kThreads = 4;
  constexpr int kMessages = 300;
  StreamBudget budget(100);
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<int> runnable;
  std::deque<size_t> unread;
  std::vector<int> left(kStreams, kMessages);
  int ended = 0;
  std::atomic<int> resumed = 0;
  const auto run = [&](int stream) {
    const std::lock_guard lock(mutex);
    runnable.push_back(stream);
    changed.notify_one();
    return true;
  };
  // False when all have ended.
  const auto next = [&](int& stream, std::vector<size_t>& read) {
    std::unique_lock lock(mutex);
    // Readers take what there is when nothing else can happen, and else now and then.
    while (runnable.empty() && ended < kStreams && unread.empty()) changed.wait(lock);
    if (runnable.empty() || runnable.front() % 3 == 0) read.assign(unread.begin(), unread.end());
    if (!read.empty()) unread.clear();
    stream = -1;
    if (!runnable.empty()) {
      stream = runnable.front();
      runnable.pop_front();
    }
    return stream >= 0 || !read.empty() || ended < kStreams;
  };
  const auto work = [&] {
    int stream = -1;
    for (std::vector<size_t> read; next(stream, read); read.clear()) {
      for (const size_t bytes : read) budget.Release(bytes);
      if (stream < 0) continue;
      if (!budget.MayPull([&, stream] {
            ++resumed;
            return run(stream);
          })) {
        continue;
      }
      const auto bytes = static_cast<size_t>((stream * 7 + left[stream] * 13) % 60);
      budget.Add(bytes);
      budget.PassOn();
      const bool more = --left[stream] > 0;
      if (more) run(stream);
      const std::lock_guard lock(mutex);
      unread.push_back(bytes);
      if (!more) ++ended;
      changed.notify_all();
    }
  };
  for (int stream = 0; stream < kStreams; ++stream) run(stream);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ended, kStreams);
  EXPECT_EQ(budget.used(), 0u);
  // Some messages fill the room, and then somebody is woken for each that is read; never everybody.
  EXPECT_GT(resumed, 0);
  EXPECT_LE(resumed, 2 * kStreams * kMessages);
}

TEST(StreamPlacesTest, EachSubjectHasItsOwn) {
  StreamPlaces places(2, 1, 100);
  EXPECT_TRUE(places.Take("a"));
  EXPECT_TRUE(places.Take("a"));
  EXPECT_FALSE(places.Take("a"));
  EXPECT_TRUE(places.Take("b"));
  EXPECT_TRUE(places.Take(""));
  EXPECT_FALSE(places.Take(""));
  places.Release("a");
  EXPECT_TRUE(places.Take("a"));
}

TEST(ReaderWatchTest, ALargeMessageMayTakeLonger) {
  const ReaderPatience patience = {.any = absl::Seconds(30), .bytes_per_second = 4096};
  const SteadyTime start = SteadyNow();
  const auto at = [&](double seconds) {
    return start + absl::ToChronoNanoseconds(absl::Seconds(seconds));
  };
  ReaderWatch watch;
  EXPECT_FALSE(watch.IsLate(at(1000), patience));  // nothing was sent
  watch.Sent(start, 64 << 10);
  EXPECT_FALSE(watch.IsLate(at(46), patience));
  EXPECT_TRUE(watch.IsLate(at(46.001), patience));
  // Who takes what there was has new time for the next.
  watch.Sent(at(46), 1 << 20);
  EXPECT_FALSE(watch.IsLate(at(46 + 286), patience));
  EXPECT_TRUE(watch.IsLate(at(46 + 286.001), patience));
  watch.Taken();
  EXPECT_FALSE(watch.IsLate(at(10'000), patience));
  watch.Sent(at(10'000), 0);  // the end
  EXPECT_TRUE(watch.IsLate(at(10'030.001), patience));
}

class StreamBoundsTest : public ServerTest {
 protected:
  static constexpr ReaderPatience kShort = {.any = absl::Milliseconds(200),
                                            .bytes_per_second = 1 << 30};

  static constexpr size_t kMessage = 100'000;

  // Sends the same message without end, and counts.
  class Endless final : public SharedSource {
   public:
    explicit Endless(StreamBoundsTest& test) : test_(test) {}
    ~Endless() override { --test_.open_; }
    absl::StatusOr<Next> PullBytes(SharedBytes& bytes) override {
      ++test_.pulls_;
      bytes = test_.message_;
      return Next::kMessage;
    }

   private:
    StreamBoundsTest& test_;
  };

  StreamBoundsTest() {
    EchoReply reply;
    reply.set_text(std::string(kMessage, 'x'));
    message_ = std::make_shared<const std::string>(reply.SerializeAsString());
    watch_ = [this](auto&&...) {
      ++open_;
      return std::make_unique<Endless>(*this);
    };
  }
  // The server, and the streams on it, end before what they send.
  ~StreamBoundsTest() override { server_.reset(); }

  void WaitForOpen(int count) {
    while (open_ != count) absl::SleepFor(absl::Milliseconds(1));
  }

  SharedBytes message_;
  std::atomic<int> pulls_ = 0;
  std::atomic<int> open_ = 0;
};

TEST_F(StreamBoundsTest, SharedBytesArriveAsTheyAre) {
  Start();
  Watcher watcher(*channel_, As("observer"));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(watcher.Read(), std::string(kMessage, 'x'));
  }
  watcher.Cancel();
  WaitForOpen(0);
}

TEST_F(StreamBoundsTest, AReaderThatTakesNothingIsCutOff) {
  options_.reader_patience = kShort;
  Start();
  Watcher stalled(*channel_, As("observer"));
  stalled.WaitForAdmission();
  WaitForOpen(1);
  WaitForOpen(0);
  while (stalled.Read()) {
  }
  EXPECT_EQ(stalled.Finish().code(), absl::StatusCode::kUnavailable);
  const auto lines = log_.Lines("access");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["reason"], "TEMPORARILY_UNAVAILABLE");
}

// Who takes a large message slowly looks like who takes nothing, and has longer for it than others.
TEST_F(StreamBoundsTest, AReaderOfALargeMessageHasLonger) {
  class Once final : public StreamSource {
   public:
    explicit Once(std::atomic<bool>& open) : open_(open) { open_ = true; }
    ~Once() override { open_ = false; }
    absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
      if (std::exchange(done_, true)) return Next::kIdle;
      static_cast<EchoReply&>(reply).set_text(std::string(8'000'000, 'x'));
      return Next::kMessage;
    }

   private:
    std::atomic<bool>& open_;
    bool done_ = false;
  };
  options_.reader_patience = {.any = absl::Milliseconds(100), .bytes_per_second = 100'000};
  verifier_->Add("second", 1u << api::v1::Access::OBSERVER);  // with room of its own
  std::atomic<bool> large_open = false;
  std::atomic<bool> large = true;
  watch_ = [&](auto&&...) -> std::unique_ptr<StreamSource> {
    if (large.exchange(false)) return std::make_unique<Once>(large_open);
    ++open_;
    return std::make_unique<Endless>(*this);
  };
  Start();
  Watcher patient(*channel_, As("observer"));
  while (!large_open) absl::SleepFor(absl::Milliseconds(1));
  // Two are cut off, one after the other, which came after it.
  for (int i = 0; i < 2; ++i) {
    Watcher stalled(*channel_, As("second"));
    WaitForOpen(1);
    WaitForOpen(0);
  }
  EXPECT_TRUE(large_open);
  patient.Cancel();
  while (large_open) absl::SleepFor(absl::Milliseconds(1));
}

TEST_F(StreamBoundsTest, AReaderThatReadsStays) {
  options_.reader_patience = kShort;
  Start();
  Watcher watcher(*channel_, As("observer"));
  const absl::Time end = absl::Now() + 5 * kShort.any;
  while (absl::Now() < end) ASSERT_TRUE(watcher.Read());
  watcher.Cancel();
}

// A stream that has ended is held as well, as long as what it sent before isn't taken.
TEST_F(StreamBoundsTest, AnEndThatNobodyReadsIsCutOffToo) {
  class Burst final : public StreamSource {
   public:
    Burst(std::atomic<int>& open, std::atomic<int>& pulls, int messages)
        : open_(open), pulls_(pulls), messages_(messages) {}
    ~Burst() override { --open_; }
    absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
      if (++pulls_ > messages_) return Next::kEnd;
      static_cast<EchoReply&>(reply).set_text(std::string(1000, 'x'));
      return Next::kMessage;
    }

   private:
    std::atomic<int>& open_;
    std::atomic<int>& pulls_;
    const int messages_;
  };
  options_.reader_patience = kShort;
  std::atomic<int> messages = 1 << 30;
  watch_ = [&](auto&&...) {
    ++open_;
    return std::make_unique<Burst>(open_, pulls_, messages.load());
  };
  Start();
  // First without end, to learn how many go out before it stalls; then one less, so that only the
  // end is left, behind what nobody takes.
  for (int round = 0; round < 2; ++round) {
    pulls_ = 0;
    grpc::ChannelArguments own;
    own.SetInt("round", round);
    const auto channel = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                                   grpc::InsecureChannelCredentials(), own);
    Watcher stalled(*channel, As("observer"));
    stalled.WaitForAdmission();
    WaitForOpen(1);
    WaitForOpen(0);
    messages = pulls_ - 1;
  }
}

// Each holds one message, which is larger than all windows, as long as there is room for it.
TEST_F(StreamBoundsTest, StalledReadersShareABudget) {
  constexpr int kReaders = 20;
  constexpr int kRoom = 3;
  EchoReply reply;
  reply.set_text(std::string(2'000'000, 'x'));
  message_ = std::make_shared<const std::string>(reply.SerializeAsString());
  options_.stream_memory_bytes = kRoom * 2'000'000;
  options_.stream_threads = 2;
  Start();
  std::vector<std::unique_ptr<Watcher>> stalled;
  for (int i = 0; i < kReaders; ++i) {
    stalled.push_back(std::make_unique<Watcher>(*channel_, As("observer")));
    stalled.back()->WaitForAdmission();
  }
  int pulls = -1;
  while (pulls != pulls_) {
    pulls = pulls_;
    absl::SleepFor(absl::Milliseconds(300));
  }
  // The size of a message is known once it is there: each thread may exceed the room by one.
  EXPECT_LE(message_.use_count() - 1, kRoom + options_.stream_threads);
  for (const auto& watcher : stalled) watcher->Cancel();
  WaitForOpen(0);
}

// However many readers of one caller don't read, another caller's reads on.
TEST_F(StreamBoundsTest, StalledReadersHoldUpNobodyElse) {
  options_.stream_memory_bytes = 8'000'000;
  options_.stream_threads = 2;
  verifier_->Add("second", 1u << api::v1::Access::OBSERVER);
  EchoReply reply;
  reply.set_text(std::string(1'000'000, 'x'));
  message_ = std::make_shared<const std::string>(reply.SerializeAsString());
  Start();
  std::vector<std::unique_ptr<Watcher>> stalled;
  for (int i = 0; i < 12; ++i) {
    stalled.push_back(std::make_unique<Watcher>(*channel_, As("observer")));
    stalled.back()->WaitForAdmission();
  }
  // Each that has its share is held with a message; the others wait.
  while (pulls_ < 2) absl::SleepFor(absl::Milliseconds(1));
  grpc::ChannelArguments own;
  own.SetInt("own", 1);
  const auto channel = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                                 grpc::InsecureChannelCredentials(), own);
  Watcher reader(*channel, As("second"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(reader.Read());
}

TEST_F(StreamBoundsTest, OneCallerTakesNotAllPlaces) {
  options_.max_streams_per_subject = 2;
  verifier_->Add("second", 1u << api::v1::Access::OBSERVER);
  Start();
  Watcher a(*channel_, As("observer"));
  Watcher b(*channel_, As("observer"));
  WaitForOpen(2);
  EXPECT_THAT(Watcher(*channel_, As("observer")).Finish(), HasReason(api::v1::Error::OVERLOADED));
  Watcher other(*channel_, As("second"));
  EXPECT_TRUE(other.Read());
  a.Cancel();
  while (open_ > 2) absl::SleepFor(absl::Milliseconds(1));
  Watcher again(*channel_, As("observer"));
  EXPECT_TRUE(again.Read());
}

TEST_F(StreamBoundsTest, TokensAreLookedAtAgain) {
  options_.token_recheck = absl::Milliseconds(20);
  watch_ = [this](auto&&...) {
    class Silent final : public StreamSource {
      absl::StatusOr<Next> Pull(google::protobuf::Message&) override { return Next::kIdle; }
    };
    ++open_;
    return std::make_unique<Silent>();
  };
  Start();
  Watcher watcher(*channel_, As("observer"));
  watcher.WaitForAdmission();
  WaitForOpen(1);
  verifier_->Remove("observer");
  EXPECT_THAT(watcher.Finish(), HasReason(api::v1::Error::TOKEN_INVALID));
}

}  // namespace
}  // namespace baliprocess::rpc
