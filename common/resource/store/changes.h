// The change log: written with every mutation in its transaction, read as audit trail and stream.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_CHANGES_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_CHANGES_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/auth/caller.h"
#include "common/resource/query/filter.h"
#include "common/resource/store/position.h"
#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Who changes what and when.
struct ChangeContext {
  absl::Time time;
  std::string actor;
  std::string method;  // full name
  std::string reason;  // empty unless the request gives one
};

// Appends a change to the newest history (history.h). `before` or `after` may be nullptr.
absl::Status AppendChange(storage::Transaction& tx, const storage::Dialect& dialect,
                          const ChangeContext& context, const ResourceType& type,
                          common::v1::Change::Kind kind, const google::protobuf::Message* before,
                          const google::protobuf::Message* after);

// A change as stored.
struct StoredChange {
  ChangePosition position;
  const ResourceType* type = nullptr;  // nullptr when this binary doesn't know it
  common::v1::Change change;           // before and after packed, unredacted
  // The highest visibility, at the time, of what the resource belongs to. RESTRICTED in changes of
  // programs that didn't keep it, or unspecified: those are judged by how things are now alone.
  api::v1::Visibility::Level surroundings = api::v1::Visibility::LEVEL_UNSPECIFIED;
};

// Changes in their order, kMaxPageBytes of them at most (sizes.h), but one at least.
struct ChangePage {
  std::vector<StoredChange> changes;
  bool more = false;  // whether there may be more after them
};

// Up to `limit` changes that meet `condition`, from `from` (exclusive, absent: the end
// that comes first), newest or oldest first.
absl::StatusOr<ChangePage> ListStoredChanges(storage::Transaction& tx, const Registry& registry,
                                             const Condition& condition,
                                             std::optional<ChangePosition> from, bool newest_first,
                                             int limit);

// The columns of the change log, for filters.
const std::vector<Column>& ChangeColumns();

// Takes out of `stored` what the caller may not see: `before` or `after` if that version was hidden
// from the caller, both if the resource is hidden now, and fields above the caller's clearance. The
// change that hid the resource from a caller who could see it before becomes HIDDEN. False if
// nothing is left to tell. For an `audit` the fact of every change stays.
absl::StatusOr<bool> RedactChange(storage::Transaction& tx, const Registry& registry,
                                  const auth::Caller& caller, bool audit, StoredChange& stored);

// Removes changes older than `before`, at most `limit` of them; returns how many.
absl::StatusOr<int64_t> CompactChanges(storage::Transaction& tx, absl::Time before, int limit);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_CHANGES_H_
