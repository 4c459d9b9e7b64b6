#include "common/resource/engine/feed_pages.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/store/history.h"
#include "common/resource/store/store_status.h"

namespace baliprocess::resource {
namespace {

using common::v1::WatchChangesResponse;
using storage::Transaction;

// A page has no more changes than this, and no more bytes, roughly: a change larger than that is a
// page of its own. So much is held for a reader who doesn't read.
constexpr int kPageChanges = 256;
constexpr size_t kPageBytes = 64 << 10;
// Changes are read so many at a time, as each may be large.
constexpr int kStep = 16;

}  // namespace

rpc::SharedBytes FeedPage::Message(const std::set<std::string>& types) const {
  if (items_.empty()) return nullptr;
  if (types.empty()) return bytes_;
  std::string some;
  for (const Item& item : items_) {
    if (types.contains(item.type)) some.append(*bytes_, item.begin, item.end - item.begin);
  }
  if (some.empty()) return nullptr;
  some.append(*bytes_, items_.back().end);
  return std::make_shared<const std::string>(std::move(some));
}

void NoteRead(const absl::Status& status, telemetry::StateLog& log) {
  if (storage::ClassOf(status) == storage::ErrorClass::kNone) {
    log.Works();
  } else {
    log.Fails({status.message().data(), status.message().size()});
  }
}

std::shared_ptr<FeedPages::Entry> FeedPages::EntryOf(const auth::Caller& caller,
                                                     ChangePosition from) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Entry>& entry = entries_[{caller.clearance(), caller.member, from}];
  if (entry == nullptr) entry = std::make_shared<Entry>();
  return entry;
}

absl::StatusOr<std::shared_ptr<const FeedPage>> FeedPages::After(const auth::Caller& caller,
                                                                 ChangePosition from) {
  const std::shared_ptr<Entry> entry = EntryOf(caller, from);
  const std::lock_guard lock(entry->mutex);
  if (entry->page != nullptr) return entry->page;
  ASSIGN_OR_RETURN(entry->page, Read(caller, from));
  {
    const std::lock_guard all(mutex_);
    bytes_ += entry->page->size();
    if (bytes_ <= limits_.bytes && entries_.size() <= limits_.pages) return entry->page;
  }
  Clear();
  return entry->page;
}

size_t FeedPages::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void FeedPages::Clear() {
  std::map<Key, std::shared_ptr<Entry>> forgotten;
  const std::lock_guard lock(mutex_);
  forgotten.swap(entries_);
  bytes_ = 0;
}

absl::StatusOr<std::shared_ptr<const FeedPage>> FeedPages::Read(const auth::Caller& caller,
                                                                ChangePosition from) {
  auto page = std::make_shared<FeedPage>();
  std::string bytes;
  const absl::Status status = database_.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(CheckAllAfter(tx, from));
    *page = FeedPage();
    page->through_ = from;
    bytes.clear();
    for (int read = 0; read < kPageChanges && !page->last_; read += kStep) {
      if (bytes.size() >= kPageBytes) break;
      RETURN_IF_ERROR(Extend(tx, caller, *page, bytes));
    }
    return absl::OkStatus();
  });
  NoteRead(status, log_);
  RETURN_IF_ERROR(FromStore(status));
  WatchChangesResponse token;
  token.set_resume_token(SealPosition(sealer_, page->through_));
  token.AppendToString(&bytes);
  page->bytes_ = std::make_shared<const std::string>(std::move(bytes));
  return page;
}

absl::Status FeedPages::Extend(Transaction& tx, const auth::Caller& caller, FeedPage& page,
                               std::string& bytes) {
  ASSIGN_OR_RETURN(ChangePage read, ListStoredChanges(tx, registry_, {"TRUE", {}}, page.through_,
                                                      /*newest_first=*/false, kStep));
  for (StoredChange& stored : read.changes) {
    if (bytes.size() >= kPageBytes) return absl::OkStatus();
    page.through_ = stored.position;
    ASSIGN_OR_RETURN(const bool visible, RedactChange(tx, registry_, caller, false, stored));
    if (!visible) continue;
    stored.change.set_resume_token(SealPosition(sealer_, stored.position));
    const size_t begin = bytes.size();
    page.items_.push_back({stored.change.type(), begin, 0});
    WatchChangesResponse one;
    *one.add_changes() = std::move(stored.change);
    one.AppendToString(&bytes);
    page.items_.back().end = bytes.size();
  }
  page.last_ = !read.more;
  return absl::OkStatus();
}

}  // namespace baliprocess::resource
