// What streams share of a server: places per subject, and bytes.

#ifndef BALIPROCESS_COMMON_RPC_STREAM_LIMITS_H_
#define BALIPROCESS_COMMON_RPC_STREAM_LIMITS_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace baliprocess::rpc {

// The bytes of messages on their way to the readers of some streams. While they are at the limit,
// none of these streams makes another message: it waits until readers have taken some. Those that
// wait go on one after the other, since one message may take all the room there is: who was resumed
// passes it on. Safe for use by many threads.
class StreamBudget {
 public:
  explicit StreamBudget(size_t limit) : limit_(limit) {}

  // Whether a stream may make a message now. If not, `resume` is called, once, when it may be tried
  // again; it answers whether the stream will do so, and call PassOn thereafter. The message may
  // exceed what is left: its size is only known once it is there.
  bool MayPull(std::function<bool()> resume);
  // Most often: that no stream waits, and there is room. Cheap.
  bool HasRoom() const { return used_ < limit_; }

  void Add(size_t bytes);
  // A reader took them, or has gone.
  void Release(size_t bytes);

  // Resumes the first that waits, if there is room for it. Every stream calls it, without a lock,
  // when it has added its message, when it found none, and when it ends.
  void PassOn();

  size_t used() const { return used_; }

 private:
  const size_t limit_;
  std::mutex mutex_;
  std::atomic<size_t> used_ = 0;
  std::atomic<size_t> count_ = 0;  // of those that wait, or are about to
  std::deque<std::function<bool()>> waiting_;
};

// How many streams each subject has open, and their share of the bytes, so that one caller's
// readers who don't read hold up no other caller's. Callers without a token are one subject
// together, with a limit of their own. Safe for use by many threads.
class StreamPlaces {
 public:
  // `bytes` is what the streams of one subject may have on their way.
  StreamPlaces(int per_subject, int anonymous, size_t bytes)
      : per_subject_(per_subject), anonymous_(anonymous), bytes_(bytes) {}

  // The subject's share of the bytes; nullptr when the subject, empty without a token, has as many
  // streams as it may have.
  std::shared_ptr<StreamBudget> Take(const std::string& subject);
  void Release(const std::string& subject);

 private:
  struct Entry {
    int open = 0;
    std::shared_ptr<StreamBudget> share;
  };

  const int per_subject_;
  const int anonymous_;
  const size_t bytes_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> open_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_STREAM_LIMITS_H_
