// The bytes of replies that are made whole and then sent in pieces, at the speed of their readers.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_HELD_REPLIES_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_HELD_REPLIES_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace baliprocess::resource {

// Bounds what all callers hold, and what each does, so that none can keep the others from their
// replies. Callers without a token are one caller, with an empty subject. Used by many threads.
class HeldReplies {
 public:
  static constexpr size_t kMost = size_t{64} << 20;
  static constexpr size_t kMostOfSubject = size_t{16} << 20;

  // Takes the place of a reply of `bytes`. OVERLOADED when there is none: a larger reply than the
  // bounds has its place while its caller, or everybody, holds nothing else.
  absl::Status Take(const std::string& subject, size_t bytes);
  void Release(const std::string& subject, size_t bytes);

 private:
  std::mutex mutex_;
  size_t bytes_ = 0;
  std::map<std::string, size_t> by_subject_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_HELD_REPLIES_H_
