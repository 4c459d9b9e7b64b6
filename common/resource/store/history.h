// Which history a store has: what it tells of the past, and what it can't tell.
//
// A store may lose its newest changes: a file is replaced by an older copy of itself, a standby
// that lacks the last commits is promoted, a dump is restored. What comes then is another history
// with the same beginning. A reader of changes who has seen what was lost must be told, and never
// be taken on where the numbers happen to fit.
//
// So a history has a number, the epoch of its changes' positions. One begins at each start of a
// service, and whenever another server answers for the store (storage::Dialect::server); its number
// is that of the one before and a random step, so that two that began at the same place have
// different ones. The table `histories` has those of this store, each with the position before its
// first change. A position of a history that isn't there, or behind the end of one that is, was
// lost.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_HISTORY_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_HISTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/resource/store/position.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Under which engine_state has the position up to which changes were removed.
inline constexpr char kCompactedThroughKey[] = "changes_compacted_through";

// Begins a history: at the start of a service.
absl::Status BeginHistory(storage::Database& database);

// Begins one unless the store's newest is of the server that answers now: after a change couldn't
// be appended because of that.
absl::Status BeginHistoryOfServer(storage::Database& database);

// Runs `work`, which may append changes, as Database::Write does. When another server answers than
// the one before, begins its history and runs `work` again.
absl::Status WriteChanges(storage::Database& database, const storage::Work& work);

// A SQL expression: the epoch of a change that is made now. NULL, which the change log refuses with
// storage::ErrorClass::kCheck, when another server answers than that of the newest history.
std::string CurrentEpoch(const storage::Dialect& dialect);

// The position of the last change; when there is none, the one up to which changes were removed.
absl::StatusOr<ChangePosition> LastPosition(storage::Transaction& tx);

// The position up to which changes were removed; {0, 0} when none was.
absl::StatusOr<ChangePosition> CompactedThrough(storage::Transaction& tx);
absl::Status SetCompactedThrough(storage::Transaction& tx, ChangePosition position);

// A text that is another one whenever the transaction sees more changes, or fewer, than another
// transaction did: what was made of the store is still true while this is the same.
absl::StatusOr<std::string> SeenChanges(storage::Transaction& tx);
// The LastPosition in such a text.
absl::StatusOr<ChangePosition> PositionSeen(const std::string& seen);

// HISTORY_COMPACTED unless the position is of this store's history.
absl::Status CheckHistory(storage::Transaction& tx, ChangePosition position);

// HISTORY_COMPACTED unless all changes after the position are there: it is of this store's history,
// and none after it was removed.
absl::Status CheckAllAfter(storage::Transaction& tx, ChangePosition position);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_HISTORY_H_
