// WatchChanges and ListChanges.
//
// A watch keeps a position in the change log and reads on from there a page at a time, when woken
// by a commit: the log is its queue, so a slow reader holds one page and loses nothing. Watches at
// one position share the page (feed_pages.h).

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_FEED_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_FEED_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/resource/engine/feed_pages.h"
#include "common/resource/engine/watch_delays.h"
#include "common/resource/query/seal.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Calls everyone who waits for changes after each commit. Safe for use by many threads.
class CommitBell {
 public:
  // `before` is called before those who wait, and at least once a second. `log` as of FeedPages.
  CommitBell(storage::Database& database, absl::Duration beat, telemetry::StateLog& log,
             std::function<void()> before);
  ~CommitBell();

  // `wake` is called from another thread until the returned handle is destroyed; not after.
  std::shared_ptr<void> Listen(std::function<void()> wake);

  // Wakes nobody any more.
  void Stop();

  // Counts beats: at each, those who wait are called as well.
  uint64_t beats() const { return beats_; }

 private:
  struct Listeners {
    std::mutex mutex;
    uint64_t next_id = 0;
    std::map<uint64_t, std::function<void()>> wakes;
  };
  void Ring();
  void RingUntilStopped();
  // On PostgreSQL: whether changes became readable since the last look.
  bool HasMoved();

  storage::Database& database_;
  const absl::Duration beat_;
  telemetry::StateLog& log_;
  const std::function<void()> before_;
  ChangePosition last_;  // of the ringer
  std::atomic<uint64_t> beats_ = 0;
  const std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
  std::atomic<bool> stopped_ = false;
  std::thread ringer_;
};

class ChangeFeed {
 public:
  // All outlive the feed. `beat`: Engine::Options.watch_beat.
  ChangeFeed(storage::Database& database, const Registry& registry, const Sealer& sealer,
             absl::Duration beat);

  // Adds the two methods, if the table's service declares them.
  void Bind(rpc::MethodTable& table);

  void Stop() { bell_.Stop(); }

  void AddMetrics(telemetry::Families& families) const { delays_.AddMetrics(families); }

  // Forgets what was read for watches before a write of this process: what the write hid isn't told
  // any more. (Writes of other replicas are heard of within a second.)
  void ForgetPages() { pages_.Clear(); }

 private:
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch(
      const std::shared_ptr<rpc::Call>& call, const common::v1::WatchChangesRequest& request,
      std::function<void()> wake);
  absl::Status List(const rpc::Call& call, const common::v1::ListChangesRequest& request,
                    common::v1::ListChangesResponse& reply);

  storage::Database& database_;
  const Registry& registry_;
  const Sealer& sealer_;
  telemetry::StateLog log_{{.component = "feed",
                            .lost = "the log of changes can't be read",
                            .back = "the log of changes can be read again"}};
  WatchDelays delays_;
  FeedPages pages_;
  CommitBell bell_;  // last: it clears the pages
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_FEED_H_
