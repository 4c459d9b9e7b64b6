// The thread that writes. It takes all mutations that wait, has the engine run them in one
// transaction and commit, and only then answers: while one commit reaches the disk, the next batch
// gathers. Not for use outside this folder.

#ifndef BALIPROCESS_COMMON_STORAGE_GROUP_WRITER_H_
#define BALIPROCESS_COMMON_STORAGE_GROUP_WRITER_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"

#include "common/storage/database.h"
#include "common/storage/store_numbers.h"

namespace baliprocess::storage {

class GroupWriter {
 public:
  using Batch = std::vector<const Work*>;

  struct Runner {
    // Runs the works and commits; the answer of each, in their order. From the writer's thread.
    std::function<std::vector<absl::Status>(const Batch& batch)> run;
    // Called when a batch has been answered; may be null. From the writer's thread.
    std::function<void()> answered = nullptr;
    // The most works of a batch.
    size_t most = std::numeric_limits<size_t>::max();
  };

  // With `group` false, each mutation is a batch.
  GroupWriter(Runner runner, bool group, std::shared_ptr<StoreNumbers> numbers);
  // What was asked for is still done; to be asked no more.
  ~GroupWriter();

  // Blocks until `work` has been answered.
  absl::Status Write(const Work& work);

 private:
  class Mutation;

  void Loop();
  std::vector<Mutation*> NextBatch();
  void Run(const std::vector<Mutation*>& batch);

  const Runner runner_;
  const bool group_;
  const std::shared_ptr<StoreNumbers> numbers_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Mutation*> queue_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_GROUP_WRITER_H_
