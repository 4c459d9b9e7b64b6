// Who waits for whom: calls of one kind never wait for those of another, and none waits in vain.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;

// Bodies that stay until they are let go, when the request says "stay".
class AdmissionTest : public ServerTest {
 protected:
  AdmissionTest() {
    search_ = change_ = [this](Call&, const EchoRequest& request, EchoReply&) {
      if (request.text() != "stay") return absl::OkStatus();
      ++entered_;
      leave_.WaitForNotification();
      return absl::OkStatus();
    };
  }
  ~AdmissionTest() override {
    LetGo();
    for (std::thread& caller : callers_) caller.join();
  }
  void LetGo() {
    if (!leave_.HasBeenNotified()) leave_.Notify();
  }
  // A call that stays, which has come to its body.
  void Stay(const char* method, const Headers& headers) {
    const int before = entered_;
    Queue(method, headers);
    while (entered_ == before) absl::SleepFor(absl::Milliseconds(1));
  }
  // A call that stays, which may have to wait for a thread.
  void Queue(const char* method, const Headers& headers) {
    callers_.emplace_back(
        [=, this] { EXPECT_OK(CallText(*channel_, method, "stay", headers).status); });
  }

  std::atomic<int> entered_ = 0;
  absl::Notification leave_;
  std::vector<std::thread> callers_;
};

TEST_F(AdmissionTest, WhatWouldWaitForMostOfItsDeadlineIsRefusedAtOnce) {
  options_.worker_threads = 1;
  Start();
  Stay(kChange, As("secretary"));
  Queue(kChange, As("secretary"));
  // As soon as the one that waits has waited for more than a quarter of a second.
  absl::Status status;
  const absl::Time start = absl::Now();
  do {
    status = CallText(*channel_, kChange, "", As("secretary"), absl::Seconds(1)).status;
  } while (ReasonOf(status) != api::v1::Error::OVERLOADED &&
           absl::Now() < start + absl::Seconds(20));
  EXPECT_THAT(status, HasReason(api::v1::Error::OVERLOADED));
  EXPECT_TRUE(status.GetPayload("type.googleapis.com/google.rpc.RetryInfo"));
  // Who has time may wait.
  Queue(kChange, As("secretary"));
}

TEST_F(AdmissionTest, ReadsDoNotDelayWritesNorWritesReads) {
  options_.worker_threads = 1;
  Start();
  Stay(kSearch, As("observer"));
  EXPECT_OK(CallText(*channel_, kChange, "", As("secretary")).status);
  Stay(kChange, As("secretary"));
  LetGo();
  EXPECT_OK(CallText(*channel_, kSearch, "", As("observer")).status);
}

TEST_F(AdmissionTest, ReadsWithoutATokenDelayNobodyElse) {
  options_.worker_threads = 4;  // a quarter of them: one
  Start();
  Stay(kSearch, {});
  Queue(kSearch, {});
  EXPECT_OK(CallText(*channel_, kSearch, "", As("observer")).status);
  EXPECT_OK(CallText(*channel_, kChange, "", As("secretary")).status);
  EXPECT_EQ(entered_, 1);
}

TEST_F(AdmissionTest, CallsWithoutATokenTakeHalfOfThePlaces) {
  options_.max_concurrent_calls = 2;
  Start();
  Stay(kSearch, {});
  EXPECT_THAT(CallText(*channel_, kEcho, "").status, HasReason(api::v1::Error::OVERLOADED));
  EXPECT_OK(CallText(*channel_, kEcho, "", As("observer")).status);
  LetGo();
  callers_.back().join();
  callers_.pop_back();
  EXPECT_OK(CallText(*channel_, kEcho, "").status);
}

}  // namespace
}  // namespace baliprocess::rpc
