#include "common/rpc/stream_limits.h"

#include <utility>

namespace baliprocess::rpc {

std::shared_ptr<StreamBudget> StreamPlaces::Take(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  Entry& entry = open_[subject];
  if (entry.open >= (subject.empty() ? anonymous_ : per_subject_)) return nullptr;
  if (entry.share == nullptr) entry.share = std::make_shared<StreamBudget>(bytes_);
  ++entry.open;
  return entry.share;
}

void StreamPlaces::Release(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(subject);
  if (found != open_.end() && --found->second.open == 0) open_.erase(found);
}

bool StreamBudget::MayPull(std::function<bool()> resume) {
  const std::lock_guard lock(mutex_);
  // Counted before the room is looked at: who makes room then sees that somebody may wait for it.
  ++count_;
  if (HasRoom()) {
    --count_;
    return true;
  }
  waiting_.push_back(std::move(resume));
  return false;
}

void StreamBudget::Add(size_t bytes) { used_ += bytes; }

void StreamBudget::Release(size_t bytes) {
  used_ -= bytes;
  PassOn();
}

void StreamBudget::PassOn() {
  while (count_ > 0 && HasRoom()) {
    std::function<bool()> resume;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) return;
      resume = std::move(waiting_.front());
      waiting_.pop_front();
      --count_;
    }
    if (resume()) return;
  }
}

}  // namespace baliprocess::rpc
