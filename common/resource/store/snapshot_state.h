// How far a snapshot of the store is: what a standby has of it.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_SNAPSHOT_STATE_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_SNAPSHOT_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "common/resource/store/position.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

struct SnapshotState {
  ChangePosition last;     // as LastPosition (history.h)
  bool has_epoch = false;  // whether the history that was asked for is the newest, or is known
  // The newest beat of the process that asks, when there is one.
  std::optional<int64_t> beat;

  // Whether all that was there at `position` is in the snapshot, which was asked for its epoch. Not
  // when `position` is of a history that the snapshot doesn't know.
  bool HasReached(ChangePosition position) const {
    return position == ChangePosition() || (has_epoch && position <= last);
  }
};

struct Statement {
  std::string sql;
  std::vector<storage::Value> params;
};

// One SELECT, and the state in its rows.
Statement AskState(std::string_view beat_key, int64_t epoch);
absl::StatusOr<SnapshotState> StateIn(const std::vector<storage::Row>& rows);

// A beat is a number that a process writes to the store again and again, each time the next one. A
// snapshot that has it has all that was committed before it was begun to be written. Each process
// has a row of its own, of a name that no other has, so a store that was parted from this one
// (another history, a standby that was left behind) never has its later beats.
std::string NewBeatKey();
Statement WriteBeat(std::string_view beat_key, int64_t beat);
// Of all processes: those that live write theirs again.
Statement ForgetBeats();

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_SNAPSHOT_STATE_H_
