#include "common/resource/store/snapshot_state.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/store/history.h"

namespace baliprocess::resource {
namespace {

using storage::Bytes;
using storage::Row;

// Keys of engine_state. The next character behind the `/` ends the range of them.
constexpr char kBeats[] = "beat/";
constexpr char kBehindBeats[] = "beat0";

}  // namespace

Statement AskState(std::string_view beat_key, int64_t epoch) {
  return {
      "SELECT newest.epoch, newest.seq, "
      "(SELECT value FROM engine_state WHERE key = ?), "
      "(SELECT value FROM engine_state WHERE key = ?), "
      "EXISTS (SELECT 1 FROM histories WHERE epoch = ?), newest.epoch = ? "
      "FROM (SELECT 1) AS one_row LEFT JOIN (SELECT epoch, seq FROM changes "
      "ORDER BY epoch DESC, seq DESC LIMIT 1) AS newest ON TRUE",
      {std::string(kCompactedThroughKey), std::string(beat_key), epoch, epoch}};
}

absl::StatusOr<SnapshotState> StateIn(const std::vector<Row>& rows) {
  if (rows.size() != 1 || rows[0].size() != 6) {
    return absl::InternalError("the state of a snapshot isn't one row");
  }
  const Row& row = rows[0];
  SnapshotState state;
  if (!storage::IsNull(row[0])) {
    state.last = {storage::AsInt(row[0]), storage::AsInt(row[1])};
  } else if (!storage::IsNull(row[2])) {
    ASSIGN_OR_RETURN(state.last, ParsePosition(storage::AsBytes(row[2])));
  }
  int64_t beat = 0;
  if (absl::SimpleAtoi(storage::AsBytes(row[3]), &beat)) state.beat = beat;
  state.has_epoch = storage::AsInt(row[4]) == 1 || storage::AsInt(row[5]) == 1;
  return state;
}

std::string NewBeatKey() { return absl::StrCat(kBeats, ToHex(RandomBytes(16))); }

Statement WriteBeat(std::string_view beat_key, int64_t beat) {
  return {
      "INSERT INTO engine_state (key, value) VALUES (?, ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      {std::string(beat_key), Bytes{absl::StrCat(beat)}}};
}

Statement ForgetBeats() {
  return {"DELETE FROM engine_state WHERE key >= ? AND key < ?",
          {std::string(kBeats), std::string(kBehindBeats)}};
}

}  // namespace baliprocess::resource
