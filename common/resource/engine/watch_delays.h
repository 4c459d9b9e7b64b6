// How far watches lag behind the changes that they tell.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_WATCH_DELAYS_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_WATCH_DELAYS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "common/base/counts.h"
#include "common/telemetry/families.h"

namespace baliprocess::resource {

// Safe for use by many threads. A watch lags from when it was woken, or begun, until there is
// nothing more to tell: the reader of each message before the last has taken it by then.
class WatchDelays {
  struct Shared;

 public:
  // Of one watch. May outlive the delays.
  class Watch {
   public:
    explicit Watch(std::shared_ptr<Shared> shared);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // There may be something to tell.
    void Woken();
    // Something of that was told.
    void Told() { told_ = true; }
    // There is nothing more. It counts as a delay if something was told.
    void CaughtUp();

   private:
    friend class WatchDelays;
    const std::shared_ptr<Shared> shared_;
    std::atomic<int64_t> woken_ = 0;  // SteadyTime's count; 0: it lags behind nothing
    std::atomic<bool> told_ = false;
  };
  std::shared_ptr<Watch> Begin() { return std::make_shared<Watch>(shared_); }

  void AddMetrics(telemetry::Families& families) const;

 private:
  struct Shared {
    std::mutex mutex;
    std::set<const Watch*> watches;
    SharedDurations delays;
  };
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_WATCH_DELAYS_H_
