// A client of WatchChanges that waits for the waker, never for time.

#ifndef BALIPROCESS_TESTS_CONTRACT_WATCH_READER_H_
#define BALIPROCESS_TESTS_CONTRACT_WATCH_READER_H_

#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "baliprocess/common/v1/changes.pb.h"
#include "tests/contract/service_fixture.h"

namespace baliprocess::testing {

class WatchReader {
 public:
  // Starts a watch and reads its first message. `service` outlives the reader.
  WatchReader(LocalService& service, const auth::Caller& caller,
              const common::v1::WatchChangesRequest& request = {}) {
    auto source = service.Watch(caller, request, [this] { Wake(); });
    status_ = source.status();
    if (!source.ok()) return;
    source_ = *std::move(source);
    common::v1::WatchChangesResponse announcement;
    const auto next = source_->Pull(announcement);
    status_ = next.status();
    resume_token_ = announcement.resume_token();
    EXPECT_TRUE(announcement.changes().empty());
  }

  // Why the watch didn't start, or ended.
  const absl::Status& status() const { return status_; }
  // Of the last message.
  const std::string& resume_token() const { return resume_token_; }

  // Reads until a change of `resource` came, which is the last returned; or the watch failed, or
  // nothing came for half a minute.
  std::vector<common::v1::Change> ReadThrough(const std::string& resource) {
    std::vector<common::v1::Change> changes;
    while (true) {
      for (common::v1::Change& change : Next(resource)) {
        changes.push_back(std::move(change));
        if (changes.back().resource() == resource) return changes;
      }
      if (!status_.ok() || silent_) return changes;
    }
  }

  // Reads whole messages until at least `count` changes came; or the watch failed, or nothing came
  // for half a minute.
  std::vector<common::v1::Change> Read(size_t count) {
    std::vector<common::v1::Change> changes;
    while (changes.size() < count && status_.ok() && !silent_) {
      for (common::v1::Change& change : Next("the next change")) {
        changes.push_back(std::move(change));
      }
    }
    return changes;
  }

 private:
  // The changes of the next message; none when the watch failed or is silent.
  std::vector<common::v1::Change> Next(const std::string& awaited) {
    while (status_.ok()) {
      common::v1::WatchChangesResponse message;
      const auto next = source_->Pull(message);
      status_ = next.status();
      if (!status_.ok()) break;
      if (*next == rpc::StreamSource::Next::kIdle) {
        if (AwaitWake()) continue;
        ADD_FAILURE() << "the watch is silent; " << awaited << " never came";
        silent_ = true;
        break;
      }
      resume_token_ = message.resume_token();
      return {std::make_move_iterator(message.mutable_changes()->begin()),
              std::make_move_iterator(message.mutable_changes()->end())};
    }
    return {};
  }
  void Wake() {
    const std::lock_guard<std::mutex> lock(mutex_);
    woken_ = true;
    signal_.notify_one();
  }
  bool AwaitWake() {
    std::unique_lock<std::mutex> lock(mutex_);
    // The bell rings every second at the latest; what is waited for is a change.
    for (int i = 0; i < 30; ++i) {
      if (signal_.wait_for(lock, std::chrono::seconds(1), [this] { return woken_; })) break;
    }
    return std::exchange(woken_, false) && ++idle_ < 1000;
  }

  std::mutex mutex_;
  std::condition_variable signal_;
  bool woken_ = false;
  int idle_ = 0;
  bool silent_ = false;
  absl::Status status_;
  std::string resume_token_;
  std::unique_ptr<rpc::StreamSource> source_;  // last: it ends before the waker's state goes
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_TESTS_CONTRACT_WATCH_READER_H_
