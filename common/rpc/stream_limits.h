// What streams share of a server: places per subject, and bytes.

#ifndef BALIPROCESS_COMMON_RPC_STREAM_LIMITS_H_
#define BALIPROCESS_COMMON_RPC_STREAM_LIMITS_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace baliprocess::rpc {

// How many streams each subject has open. Callers without a token are one subject together, with a
// limit of their own. Safe for use by many threads.
class StreamPlaces {
 public:
  StreamPlaces(int per_subject, int anonymous) : per_subject_(per_subject), anonymous_(anonymous) {}

  // False when the subject, empty without a token, has as many as it may have.
  bool Take(const std::string& subject);
  void Release(const std::string& subject);

 private:
  const int per_subject_;
  const int anonymous_;
  std::mutex mutex_;
  std::unordered_map<std::string, int> open_;
};

// The bytes of messages on their way to readers, over all streams. While they are at the limit, no
// stream makes another message: it waits until readers have taken some. Safe for use by many
// threads.
class StreamBudget {
 public:
  explicit StreamBudget(size_t limit) : limit_(limit) {}

  // Whether a stream may make a message now. If not, `resume` is called, once, when it may be tried
  // again. The message may exceed what is left: its size is only known once it is there.
  bool MayPull(std::function<void()> resume);
  // Most often: that no stream waits, and there is room. Cheap.
  bool HasRoom() const { return used_ < limit_; }

  void Add(size_t bytes);
  // A reader took them, or has gone.
  void Release(size_t bytes);

  size_t used() const { return used_; }

 private:
  const size_t limit_;
  std::mutex mutex_;
  std::atomic<size_t> used_ = 0;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_STREAM_LIMITS_H_
