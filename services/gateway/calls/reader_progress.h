// Whether the client whom a reply is for goes on reading the reply.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_READER_PROGRESS_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_READER_PROGRESS_H_

#include <cstddef>
#include <utility>

#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "services/gateway/net/timer.h"

namespace baliprocess::gateway {

class ReaderProgress {
 public:
  // So many bytes of the reply went on to the client.
  void Moved(size_t bytes) { moved_ += bytes; }

  // To be asked now and then. Whether bytes of the reply have waited for `timeout` while next to
  // nothing of the reply was taken: a byte now and then doesn't count as reading. Said once.
  bool HasStopped(bool bytes_wait, SteadyTime now, absl::Duration timeout) {
    constexpr size_t kProgress = 4096;
    if (!bytes_wait) {
      since_ = SteadyTime::max();
      return false;
    }
    if (since_ == SteadyTime::max() || moved_ >= kProgress) {
      since_ = now;
      moved_ = 0;
    }
    return now >= After(since_, timeout) && !std::exchange(told_, true);
  }

 private:
  SteadyTime since_ = SteadyTime::max();  // bytes wait; max: none do
  size_t moved_ = 0;                      // since then
  bool told_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_READER_PROGRESS_H_
