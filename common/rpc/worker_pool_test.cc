#include "common/rpc/worker_pool.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace {

std::atomic<int64_t> wall_clock_ahead = 0;  // in seconds

}  // namespace

// Instead of the C library's, for all of this program: a wall clock that can be set.
extern "C" int clock_gettime(clockid_t id, timespec* time) noexcept {
  const int result = static_cast<int>(syscall(SYS_clock_gettime, id, time));
  if (id == CLOCK_REALTIME) time->tv_sec += wall_clock_ahead;
  return result;
}

namespace baliprocess::rpc {
namespace {

TEST(WorkerPoolTest, RunsEverythingBeforeItEnds) {
  std::atomic<int> runs = 0;
  {
    WorkerPool pool(4, 1000);
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(pool.Submit([&] { ++runs; }));
  }
  EXPECT_EQ(runs, 1000);
}

TEST(WorkerPoolTest, RunsAsManyAtOnceAsItHasThreads) {
  auto* all = new absl::Barrier(3);
  WorkerPool pool(3, 10);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pool.Submit([all] {
      if (all->Block()) delete all;
    }));
  }
}

TEST(WorkerPoolTest, RefusesWhatDoesNotFit) {
  absl::Notification entered;
  absl::Notification leave;
  std::atomic<int> runs = 0;
  {
    WorkerPool pool(1, 2);
    EXPECT_TRUE(pool.Submit([&] {
      entered.Notify();
      leave.WaitForNotification();
    }));
    entered.WaitForNotification();
    EXPECT_TRUE(pool.Submit([&] { ++runs; }));
    EXPECT_TRUE(pool.Submit([&] { ++runs; }));
    EXPECT_FALSE(pool.Submit([&] { ++runs; }));
    leave.Notify();
  }
  EXPECT_EQ(runs, 2);
}

// Holds threads of a pool until they are released.
class Held {
 public:
  Held(WorkerPool& pool, int threads) : entered_(threads) {
    for (int i = 0; i < threads; ++i) {
      EXPECT_TRUE(pool.Submit([this, leave = leave_] {
        entered_.DecrementCount();
        leave->WaitForNotification();
      }));
    }
    entered_.Wait();
  }
  void Release() { leave_->Notify(); }

 private:
  absl::BlockingCounter entered_;
  const std::shared_ptr<absl::Notification> leave_ = std::make_shared<absl::Notification>();
};

// Waits until `condition` holds; false when it never does.
bool Eventually(const std::function<bool()>& condition) {
  const SteadyTime start = SteadyNow();
  while (!condition()) {
    if (Since(start) > absl::Seconds(20)) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

TEST(WorkerPoolTest, ThreadsLiveWhileThereIsWork) {
  WorkerPool pool({.threads = 8, .capacity = 8, .idle = absl::Milliseconds(1)});
  EXPECT_EQ(pool.threads(), 0u);
  {
    Held held(pool, 3);
    EXPECT_EQ(pool.threads(), 3u);
    held.Release();
    EXPECT_TRUE(Eventually([&] { return pool.threads() == 0; }));
  }
  absl::Notification again;
  EXPECT_TRUE(pool.Submit([&] { again.Notify(); }));
  again.WaitForNotification();
}

TEST(WorkerPoolTest, ATaskIsDestroyedWithoutTheLock) {
  absl::Notification done;
  WorkerPool pool(1, 8);
  auto submits = std::shared_ptr<void>(nullptr, [&](void*) {
    EXPECT_TRUE(pool.Submit([&] { done.Notify(); }));  // waits for ever if the pool is locked
  });
  EXPECT_TRUE(pool.Submit([held = std::move(submits)] {}));
  done.WaitForNotification();
}

TEST(WorkerPoolTest, TheWaitIsAtLeastWhatTheFirstHasWaited) {
  WorkerPool pool(1, 8);
  EXPECT_EQ(pool.ExpectedWait(), absl::ZeroDuration());
  Held held(pool, 1);
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_TRUE(Eventually([&] { return pool.ExpectedWait() > absl::Milliseconds(20); }));
  held.Release();
  EXPECT_TRUE(Eventually([&] { return pool.ExpectedWait() == absl::ZeroDuration(); }));
}

TEST(WorkerPoolTest, AClockThatIsSetChangesNoWait) {
  WorkerPool pool(1, 8);
  Held held(pool, 1);
  EXPECT_TRUE(pool.Submit([] {}));
  const absl::Time before = absl::Now();
  wall_clock_ahead = 3600;
  EXPECT_TRUE(Eventually([&] { return absl::Now() > before + absl::Minutes(59); }));
  EXPECT_LT(pool.ExpectedWait(), absl::Minutes(1));
  held.Release();
  wall_clock_ahead = 0;
  EXPECT_TRUE(Eventually([&] { return absl::Now() < before + absl::Minutes(59); }));
}

TEST(WorkerPoolTest, TheWaitFollowsFromHowLongTasksTook) {
  WorkerPool pool(1, 100);
  absl::Notification done;
  EXPECT_TRUE(pool.Submit([] { absl::SleepFor(absl::Milliseconds(200)); }));
  EXPECT_TRUE(pool.Submit([&] { done.Notify(); }));
  done.WaitForNotification();
  Held held(pool, 1);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_GT(pool.ExpectedWait(), absl::Seconds(2));  // 50 of nearly 0.2 s each
  held.Release();
}

}  // namespace
}  // namespace baliprocess::rpc
