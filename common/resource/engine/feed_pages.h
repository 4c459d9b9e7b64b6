// Pages of the change log, read once for all watchers who may see the same of it.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_FEED_PAGES_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_FEED_PAGES_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "common/auth/caller.h"
#include "common/resource/query/seal.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"
#include "common/storage/database.h"
#include "common/telemetry/state_log.h"

namespace baliprocess::resource {

// What comes after one position of the change log, as a class of viewers may see it: the fields of
// a WatchChangesResponse as bytes.
class FeedPage {
 public:
  // The page reaches so far. Where it began: there is nothing new.
  ChangePosition through() const { return through_; }

  // Whether there was nothing more behind it.
  bool last() const { return last_; }

  // The message for a watch of these types (empty: of all); nullptr when it has no change.
  rpc::SharedBytes Message(const std::set<std::string>& types) const;

  size_t size() const { return bytes_->size(); }

 private:
  friend class FeedPages;
  struct Item {
    std::string type;
    size_t begin;
    size_t end;
  };
  ChangePosition through_;
  bool last_ = false;
  rpc::SharedBytes bytes_;  // the changes, then the resume token
  std::vector<Item> items_;
};

// How a read of the log of changes went: what a reader did wrong is no failure of it.
void NoteRead(const absl::Status& status, telemetry::StateLog& log);

// Keeps the pages that were read since the last commit. Safe for use by many threads.
class FeedPages {
 public:
  // What is kept at most.
  struct Limits {
    size_t pages = 10'000;
    size_t bytes = size_t{16} << 20;
  };
  // `log` says whether the log of changes can be read.
  FeedPages(storage::Database& database, const Registry& registry, const Sealer& sealer,
            telemetry::StateLog& log, const Limits& limits)
      : database_(database), registry_(registry), sealer_(sealer), log_(log), limits_(limits) {}

  // The page after `from` for viewers like `caller`. However many ask for it at once, one reads.
  absl::StatusOr<std::shared_ptr<const FeedPage>> After(const auth::Caller& caller,
                                                        ChangePosition from);

  // Forgets all pages: there may be more changes, and what may be seen may have changed.
  void Clear();

  // How many pages are kept, those among them that are being read.
  size_t size() const;

 private:
  // Viewers of a class see the same of every change.
  using Key = std::tuple<api::v1::Visibility::Level, std::string, ChangePosition>;
  struct Entry {
    std::mutex mutex;
    std::shared_ptr<const FeedPage> page;
  };

  std::shared_ptr<Entry> EntryOf(const auth::Caller& caller, ChangePosition from);
  absl::StatusOr<std::shared_ptr<const FeedPage>> Read(const auth::Caller& caller,
                                                       ChangePosition from);
  // Adds changes after the page's end.
  absl::Status Extend(storage::Transaction& tx, const auth::Caller& caller, FeedPage& page,
                      std::string& bytes);

  storage::Database& database_;
  const Registry& registry_;
  const Sealer& sealer_;
  telemetry::StateLog& log_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<Entry>> entries_;
  size_t bytes_ = 0;  // of their pages
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_FEED_PAGES_H_
