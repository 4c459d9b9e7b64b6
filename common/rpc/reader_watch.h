// Whether the reader of a stream takes what is sent to it.

#ifndef BALIPROCESS_COMMON_RPC_READER_WATCH_H_
#define BALIPROCESS_COMMON_RPC_READER_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"

#include "common/base/steady_time.h"

namespace baliprocess::rpc {

// How slow a reader may be before it is cut off.
struct ReaderPatience {
  // That long for whatever is sent,
  absl::Duration any = absl::Seconds(30);
  // and a second more for each so many bytes of it. gRPC tells when a message is gone, not how far
  // it is: who takes a large one slowly looks like who takes nothing.
  int64_t bytes_per_second = 4 << 10;

  absl::Duration For(size_t bytes) const {
    return any + absl::Seconds(static_cast<double>(bytes) / static_cast<double>(bytes_per_second));
  }
};

// What is on its way to one reader: one message at a time, or the end.
class ReaderWatch {
 public:
  void Sent(SteadyTime now, size_t bytes) {
    since_ = now;
    bytes_ = bytes;
  }
  void Taken() { since_.reset(); }

  // Whether what was sent should have been taken by now.
  bool IsLate(SteadyTime now, const ReaderPatience& patience) const {
    return since_ && absl::FromChrono(now - *since_) > patience.For(bytes_);
  }

 private:
  std::optional<SteadyTime> since_;  // what is on its way was sent then
  size_t bytes_ = 0;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_READER_WATCH_H_
