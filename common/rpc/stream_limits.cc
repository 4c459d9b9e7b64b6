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

bool StreamBudget::MayPull(std::function<void()> resume) {
  const std::lock_guard lock(mutex_);
  if (used_ < limit_) return true;
  waiting_.push_back(std::move(resume));
  return false;
}

void StreamBudget::Add(size_t bytes) { used_ += bytes; }

void StreamBudget::Release(size_t bytes) {
  const size_t before = used_.fetch_sub(bytes);
  // Streams wait only since the limit was reached, and for this.
  if (before < limit_ || before - bytes >= limit_) return;
  std::deque<std::function<void()>> resumed;
  {
    const std::lock_guard lock(mutex_);
    resumed.swap(waiting_);
  }
  for (const auto& resume : resumed) resume();
}

}  // namespace baliprocess::rpc
