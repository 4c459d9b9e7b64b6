#include "common/storage/group_writer.h"

#include <utility>

#include "common/base/steady_time.h"
#include "common/storage/store_error.h"

namespace baliprocess::storage {

class GroupWriter::Mutation {
 public:
  explicit Mutation(const Work& work) : work_(work) {}

  const Work& work() const { return work_; }
  SteadyTime asked() const { return asked_; }

  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return done_; });
    return std::move(status_);
  }

  // The caller's frame owns this object and may be gone when the lock is.
  void Answer(absl::Status status) {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
    done_ = true;
    answered_.notify_one();
  }

 private:
  const Work& work_;
  const SteadyTime asked_ = SteadyNow();
  std::mutex mutex_;
  std::condition_variable answered_;
  absl::Status status_;
  bool done_ = false;
};

GroupWriter::GroupWriter(Runner runner, bool group, std::shared_ptr<StoreNumbers> numbers)
    : runner_(std::move(runner)),
      group_(group),
      numbers_(std::move(numbers)),
      thread_([this] { Loop(); }) {}

GroupWriter::~GroupWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

absl::Status GroupWriter::Write(const Work& work) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    return StoreError(ErrorClass::kOther, "Write was called from within a Write");
  }
  Mutation mutation(work);
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&mutation);
    if (queue_.size() == 1) arrived_.notify_one();
  }
  return mutation.Wait();
}

void GroupWriter::Loop() {
  while (true) {
    const std::vector<Mutation*> batch = NextBatch();
    if (batch.empty()) return;
    if (group_) {
      Run(batch);
    } else {
      for (Mutation* mutation : batch) Run({mutation});
    }
  }
}

// What waits, as much as a batch may have; empty when stopping.
std::vector<GroupWriter::Mutation*> GroupWriter::NextBatch() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (queue_.size() <= runner_.most) return std::exchange(queue_, {});
  const auto end = queue_.begin() + static_cast<ptrdiff_t>(runner_.most);
  std::vector<Mutation*> batch(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return batch;
}

void GroupWriter::Run(const std::vector<Mutation*>& batch) {
  const SteadyTime begun = SteadyNow();
  Batch works;
  works.reserve(batch.size());
  for (const Mutation* mutation : batch) {
    works.push_back(&mutation->work());
    numbers_->write_waits.Add(begun - mutation->asked());
  }
  std::vector<absl::Status> answers = runner_.run(works);
  numbers_->batches.AddUnits(batch.size());
  numbers_->commits.Add(SteadyNow() - begun);
  for (size_t i = 0; i < batch.size(); ++i) batch[i]->Answer(std::move(answers[i]));
  if (runner_.answered) runner_.answered();
}

}  // namespace baliprocess::storage
