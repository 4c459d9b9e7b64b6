#include "common/resource/engine/held_replies.h"

#include "absl/time/time.h"

#include "common/base/errors.h"

namespace baliprocess::resource {
namespace {

bool HasRoom(size_t held, size_t more, size_t most) { return held == 0 || held + more <= most; }

}  // namespace

absl::Status HeldReplies::Take(const std::string& subject, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto own = by_subject_.find(subject);
  const size_t held = own == by_subject_.end() ? 0 : own->second;
  if (!HasRoom(bytes_, bytes, kMost) || !HasRoom(held, bytes, kMostOfSubject)) {
    return WithRetryAfter(
        Error(api::v1::OVERLOADED, "too many large replies wait for their readers"),
        absl::Seconds(5));
  }
  bytes_ += bytes;
  by_subject_[subject] += bytes;
  return absl::OkStatus();
}

void HeldReplies::Release(const std::string& subject, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  bytes_ -= bytes;
  const auto own = by_subject_.find(subject);
  if ((own->second -= bytes) == 0) by_subject_.erase(own);
}

}  // namespace baliprocess::resource
