#include "common/rpc/health_monitor.h"

#include <atomic>

#include "absl/synchronization/notification.h"

#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::testing::SizeIs;

constexpr HealthMonitor::Options kQuick = {.interval = absl::Milliseconds(5), .failures = 3};

// What a monitor has reported.
class Reports {
 public:
  std::function<void(bool)> Callback() {
    return [this](bool answering) {
      const std::lock_guard lock(mutex_);
      reports_.push_back(answering);
      changed_.notify_all();
    };
  }
  // Waits for the n-th.
  bool At(size_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return reports_.size() > n; });
    return reports_[n];
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return reports_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<bool> reports_;
};

TEST(HealthMonitorTest, TellsWhenSomethingFailsAndIsBack) {
  CapturedLog log;
  Reports reports;
  std::atomic<bool> up = true;
  HealthMonitor monitor(
      {{"keys", [] { return absl::OkStatus(); }},
       {"store", [&] { return up ? absl::OkStatus() : absl::InternalError("x"); }}},
      reports.Callback(), kQuick);
  EXPECT_TRUE(reports.At(0));
  up = false;
  EXPECT_FALSE(reports.At(1));
  up = true;
  EXPECT_TRUE(reports.At(2));
  const auto lines = log.Lines("health");
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0]["probe"], "store");
  EXPECT_EQ(lines[0]["error"], "x");
  EXPECT_EQ(lines[1]["probe"], "store");
}

// Its server serves without it.
TEST(HealthMonitorTest, APeerThatFailsIsToldInReadinessAndTheLogAlone) {
  CapturedLog log;
  Reports reports;
  std::atomic<bool> up = false;
  HealthMonitor monitor({{.name = "store", .ask = [] { return absl::OkStatus(); }},
                         {.name = "membership",
                          .ask = [&] { return up ? absl::OkStatus() : absl::InternalError("x"); },
                          .peer = true}},
                        reports.Callback(), kQuick);
  EXPECT_TRUE(reports.At(0));
  while (log.Lines("health").empty()) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(log.Lines("health")[0]["probe"], "membership");
  EXPECT_EQ(log.Lines("health")[0]["error"], "x");
  EXPECT_EQ(monitor.Needs()["membership"].trouble, "x");
  EXPECT_TRUE(monitor.Needs()["membership"].elsewhere);
  EXPECT_FALSE(monitor.Needs()["store"].elsewhere);
  up = true;
  while (log.Lines("health").size() < 2) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(monitor.Needs()["membership"].trouble, "");
  EXPECT_EQ(reports.count(), 1u);
}

TEST(HealthMonitorTest, AnAnswerBetweenFailuresCounts) {
  Reports reports;
  std::atomic<int> asked = 0;
  HealthMonitor monitor(
      {{"store", [&] { return ++asked % 3 == 0 ? absl::OkStatus() : absl::InternalError("x"); }}},
      reports.Callback(), kQuick);
  while (asked < 30) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(reports.count(), 1u);
}

TEST(HealthMonitorTest, WhatHangsDoesNotAnswer) {
  CapturedLog log;
  Reports reports;
  absl::Notification leave;
  HealthMonitor monitor({{"store",
                          [&] {
                            leave.WaitForNotification();
                            return absl::OkStatus();
                          }}},
                        reports.Callback(), kQuick);
  while (log.Lines("health").empty()) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(log.Lines("health")[0]["error"], "no answer yet");
  EXPECT_EQ(reports.count(), 0u);
  leave.Notify();
  EXPECT_TRUE(reports.At(0));
}

// As a store that hangs until its own limit, time after time.
TEST(HealthMonitorTest, WhatHangsAndThenFailsIsNotBack) {
  Reports reports;
  std::atomic<int> asked = 0;
  HealthMonitor monitor({{"store",
                          [&] {
                            if (++asked == 1 || asked > 4) return absl::OkStatus();
                            const SteadyTime begun = SteadyNow();
                            while (Since(begun) < 4 * kQuick.interval) {
                              absl::SleepFor(absl::Milliseconds(1));
                            }
                            return absl::InternalError("it took too long");
                          }}},
                        reports.Callback(), kQuick);
  EXPECT_TRUE(reports.At(2));  // true, false, true, and not more often
  EXPECT_GE(asked, 5);
  EXPECT_EQ(reports.count(), 3u);
}

// Long pauses between questions: only the first of each is asked in this test.
constexpr HealthMonitor::Options kOnce = {.interval = absl::Hours(1), .failures = 3};

TEST(HealthMonitorTest, NothingAnswersBeforeAllHaveAnswered) {
  Reports reports;
  absl::Notification leave;
  HealthMonitor monitor({{"store", [] { return absl::OkStatus(); }},
                         {"keys",
                          [&] {
                            leave.WaitForNotification();
                            return absl::OkStatus();
                          }}},
                        reports.Callback(), kOnce);
  monitor.WaitForFirstAnswers(absl::Milliseconds(20));
  EXPECT_EQ(reports.count(), 0u);
  leave.Notify();
  monitor.WaitForFirstAnswers(absl::Minutes(1));
  EXPECT_EQ(reports.count(), 1u);
  EXPECT_TRUE(reports.At(0));
}

TEST(HealthMonitorTest, AFirstErrorIsWaitedForAsWell) {
  Reports reports;
  HealthMonitor monitor({{"store", [] { return absl::InternalError("x"); }}}, reports.Callback(),
                        kOnce);
  monitor.WaitForFirstAnswers(absl::Minutes(1));
  EXPECT_EQ(reports.count(), 0u);
}

}  // namespace
}  // namespace baliprocess::rpc
