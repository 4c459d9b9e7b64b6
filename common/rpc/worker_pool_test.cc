#include "common/rpc/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"

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

}  // namespace
}  // namespace baliprocess::rpc
