// What a loop waits for, and that it is told once, in time and of nothing that has gone.

#include "services/gateway/net/poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace baliprocess::gateway {
namespace {

constexpr auto kLong = std::chrono::seconds(60);

// One end of a pair of sockets in a poller; the test has the other.
class Watched final : public PollHandler {
 public:
  explicit Watched(Poller& poller) : poller_(poller) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    fd_ = UniqueFd(ends[0]);
    peer_ = UniqueFd(ends[1]);
    EXPECT_TRUE(poller.Add(fd_.get(), *this));
  }
  ~Watched() { poller_.Forget(*this); }

  void Send(const std::string& text) {
    EXPECT_EQ(send(peer_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  void EndSending() { EXPECT_EQ(shutdown(peer_.get(), SHUT_WR), 0); }

  std::vector<uint32_t> events;  // those told
  std::function<void()> then = [] {};

 private:
  void OnReady(uint32_t now) override {
    events.push_back(now);
    then();
  }

  Poller& poller_;
  UniqueFd fd_;
  UniqueFd peer_;
};

SteadyTime Later() { return SteadyNow() + kLong; }

TEST(PollerTest, TellsOfNewsOnce) {
  Poller poller;
  Watched watched(poller);
  poller.Turn(Later());
  ASSERT_EQ(watched.events, std::vector<uint32_t>{EPOLLOUT});
  watched.Send("one");
  poller.Turn(Later());
  ASSERT_EQ(watched.events.size(), 2u);
  EXPECT_EQ(watched.events[1], uint32_t{EPOLLIN | EPOLLOUT});
  EXPECT_FALSE(poller.Turn(SteadyNow()));
  EXPECT_EQ(watched.events.size(), 2u) << "unread, but no news";
  watched.EndSending();
  EXPECT_TRUE(poller.Turn(Later()));
  ASSERT_EQ(watched.events.size(), 3u);
  EXPECT_EQ(watched.events[2], uint32_t{EPOLLIN | EPOLLOUT | EPOLLRDHUP});
}

TEST(PollerTest, AgainGivesOneMoreTurn) {
  Poller poller;
  Watched watched(poller);
  Watched other(poller);
  poller.Turn(Later());
  watched.then = [&] {
    poller.Again(watched);
    poller.Again(watched);
    watched.then = [] {};
  };
  watched.Send("one");
  poller.Turn(Later());
  ASSERT_EQ(watched.events.size(), 2u);
  other.Send("two");
  poller.Turn(SteadyTime::max());
  ASSERT_EQ(watched.events.size(), 3u);
  EXPECT_EQ(watched.events[2], uint32_t{EPOLLIN});
  EXPECT_EQ(other.events.size(), 2u) << "others have their turn besides";
  poller.Turn(SteadyNow());
  EXPECT_EQ(watched.events.size(), 3u);
}

TEST(PollerTest, WhoWasForgottenIsToldNothing) {
  Poller poller;
  auto first = std::make_unique<Watched>(poller);
  auto second = std::make_unique<Watched>(poller);
  // Whichever comes first ends the other, whose events are known by then.
  const auto end = [](std::unique_ptr<Watched>& one) { return [&one] { one.reset(); }; };
  first->then = end(second);
  second->then = end(first);
  poller.Turn(Later());
  ASSERT_NE(first == nullptr, second == nullptr);
  Watched& left = first != nullptr ? *first : *second;
  EXPECT_EQ(left.events.size(), 1u);
  poller.Again(left);
  poller.Forget(left);
  poller.Turn(SteadyNow());
  EXPECT_EQ(left.events.size(), 1u);
}

TEST(PollerTest, RunsWhatIsPosted) {
  Poller poller;
  std::vector<std::string> ran;
  std::thread other([&] {
    poller.Post([&] {
      ran.push_back("by another thread");
      poller.Post([&] { ran.push_back("by what was posted"); });
      poller.Post([&] { ran.push_back("behind it"); });
    });
  });
  while (ran.size() < 3) poller.Turn(SteadyTime::max());
  other.join();
  EXPECT_EQ(ran,
            (std::vector<std::string>{"by another thread", "by what was posted", "behind it"}));
}

TEST(PollerTest, ComesBackInTime) {
  Poller poller;
  TimerQueue timers;
  int rung = 0;
  FunctionTimer soon([&] { ++rung; });
  FunctionTimer late([&] { ADD_FAILURE(); });
  FunctionTimer cancelled([&] { ADD_FAILURE(); });
  EXPECT_EQ(timers.next(), SteadyTime::max());
  const SteadyTime at = SteadyNow() + std::chrono::milliseconds(20);
  late.Set(timers, Later());
  soon.Set(timers, Later());
  soon.Set(timers, at);
  cancelled.Set(timers, at - std::chrono::milliseconds(10));
  cancelled.Cancel();
  EXPECT_EQ(timers.next(), at);
  poller.Turn(timers.next());
  EXPECT_GE(SteadyNow(), at);
  timers.RunDue();
  EXPECT_EQ(rung, 1);
  EXPECT_FALSE(soon.is_set());
}

TEST(TimerQueueTest, RunsInOrderAndLetsTimersSetAndEndOthers) {
  TimerQueue timers;
  std::vector<int> ran;
  const SteadyTime now = SteadyNow();
  auto doomed = std::make_unique<FunctionTimer>([&] { ran.push_back(9); });
  FunctionTimer second([&] { ran.push_back(2); });
  FunctionTimer first([&] {
    ran.push_back(1);
    doomed.reset();
    second.Set(timers, now);
  });
  first.Set(timers, now - std::chrono::seconds(2));
  doomed->Set(timers, now - std::chrono::seconds(1));
  timers.RunDue();
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
  EXPECT_EQ(timers.next(), SteadyTime::max());
}

}  // namespace
}  // namespace baliprocess::gateway
