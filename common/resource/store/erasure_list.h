// A list of erasures beside the store, for when the store is set back to an older copy of itself:
// what was erased since is in that copy, and is erased again by the list.
//
// The list is a file that is only ever appended to, a line of JSON for each erasure
// (operate/v1/store_service.proto, ListedErasure). The order of lines doesn't matter, and two lists
// one after the other are a list. The store marks the erasures that it has seen, each in the
// transaction that erases: what the list has and the store hasn't marked is to be done.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_ERASURE_LIST_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_ERASURE_LIST_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Used by many threads. Other processes may append to the same file, where the file system appends
// what is written at once as a whole (local ones do, NFS doesn't).
//
// A disk that doesn't answer keeps nobody waiting: what is written to it is waited for briefly, and
// nothing more is tried until it has answered. The line may come to the disk then: who was told
// that it didn't withdraws it.
class ErasureList {
 public:
  // How long the disk is waited for. Within a transaction, in which other writers wait, too.
  static constexpr absl::Duration kLongestWrite = absl::Seconds(2);

  // Makes the file, for its owner alone, unless it is there. An error if it can't be opened.
  static absl::StatusOr<std::unique_ptr<ErasureList>> Open(std::string path);

  // Appends a line and brings it to the disk. DEADLINE_EXCEEDED when the disk doesn't answer in
  // time, UNAVAILABLE while it hasn't answered since; a withdrawal is tried all the same.
  absl::Status Append(const operate::v1::ListedErasure& erasure) const;

  // OK when the file can be appended to: it is given an empty line, which says nothing.
  absl::Status Probe() const;

  struct Line {
    std::string id;
    std::string text;
  };
  struct Contents {
    std::vector<Line> lines;  // those that can be read, each once
    // One for each id, oldest first, without those withdrawn.
    std::vector<operate::v1::ListedErasure> erasures;
    int unreadable = 0;  // lines: whoever wrote them ended on the way, or they were damaged
    // The numbers of the first of these, counted from 1.
    std::vector<int64_t> unreadable_lines;
  };
  absl::StatusOr<Contents> Read() const;

 private:
  explicit ErasureList(std::string path) : path_(std::move(path)) {}
  // With `urgent`, also while the disk doesn't answer.
  absl::Status Write(const std::string& text, bool urgent) const;

  const std::string path_;
  // Writes that weren't waited for any longer and haven't ended.
  const std::shared_ptr<std::atomic<int>> overdue_ = std::make_shared<std::atomic<int>>(0);
};

// Marks in the store that the erasure with this id was done, when `tx` is committed.
absl::Status MarkErasure(storage::Transaction& tx, const std::string& id, absl::Time now);

// Whether the store has the mark.
absl::StatusOr<bool> IsErasureMarked(storage::Transaction& tx, const std::string& id);

// The ids of the erasures that the store has marked.
absl::StatusOr<std::set<std::string>> MarkedErasures(storage::Database& database);

// Those of the list that the store hasn't marked, in their order.
absl::StatusOr<std::vector<operate::v1::ListedErasure>> UndoneErasures(
    const ErasureList::Contents& list, storage::Database& database);

// The key by which texts are hashed for the list: the store's own, made at its first start.
absl::StatusOr<std::string> KeepErasureKey(storage::Database& database);

// What the list says of a text.
operate::v1::ListedErasure::Erased ErasedText(std::string_view key, std::string_view text);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_ERASURE_LIST_H_
