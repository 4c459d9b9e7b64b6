#include "common/resource/store/history.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace baliprocess::resource {
namespace {

using storage::Bytes;
using storage::Row;
using storage::Transaction;

// Two histories that begin at the same place have the same number once in 2^40 times. There is room
// for eight million histories.
constexpr int64_t kLongestStep = int64_t{1} << 40;

absl::Status Lost() {
  return Error(api::v1::Error::HISTORY_COMPACTED,
               "the changes after this token aren't kept, or the store was set back to before it: "
               "open a watch without a token, then list the resources as they are now, then read "
               "the watch on");
}

// Histories in which nothing happened are named by no position.
absl::Status ForgetEmpty(Transaction& tx, ChangePosition compacted) {
  return tx.Send(
      "DELETE FROM histories WHERE founding = FALSE AND epoch <> ? AND NOT EXISTS "
      "(SELECT 1 FROM changes WHERE changes.epoch = histories.epoch)",
      {compacted.epoch});
}

absl::Status Begin(Transaction& tx, const storage::Dialect& dialect, bool always) {
  const std::string server(dialect.server);
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query(absl::StrCat("SELECT epoch, server = ", server,
                                         " FROM histories ORDER BY epoch DESC LIMIT 1")));
  if (!always && !rows.empty() && storage::AsInt(rows[0][1]) == 1) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ChangePosition last, LastPosition(tx));
  ASSIGN_OR_RETURN(const ChangePosition compacted, CompactedThrough(tx));
  RETURN_IF_ERROR(ForgetEmpty(tx, compacted));
  const int64_t newest = rows.empty() ? 0 : storage::AsInt(rows[0][0]);
  absl::BitGen random;
  const int64_t epoch =
      std::max(newest, last.epoch) + 1 + absl::Uniform<int64_t>(random, 0, kLongestStep);
  return tx.Send(absl::StrCat("INSERT INTO histories (epoch, server, after_epoch, after_seq, "
                              "founding) VALUES (?, ",
                              server, ", ?, ?, ?)"),
                 {epoch, last.epoch, last.seq, rows.empty()});
}

absl::Status BeginIn(storage::Database& database, bool always) {
  return database.Write([&](Transaction& tx) { return Begin(tx, database.dialect(), always); });
}

}  // namespace

absl::Status BeginHistory(storage::Database& database) { return BeginIn(database, true); }

absl::Status BeginHistoryOfServer(storage::Database& database) { return BeginIn(database, false); }

absl::Status WriteChanges(storage::Database& database, const storage::Work& work) {
  const absl::Status status = database.Write(work);
  if (storage::ClassOf(status) != storage::ErrorClass::kCheck) return status;
  RETURN_IF_ERROR(BeginHistoryOfServer(database));
  return database.Write(work);
}

std::string CurrentEpoch(const storage::Dialect& dialect) {
  return absl::StrCat("(SELECT CASE WHEN server = ", std::string(dialect.server),
                      " THEN epoch END FROM histories ORDER BY epoch DESC LIMIT 1)");
}

absl::StatusOr<ChangePosition> LastPosition(Transaction& tx) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT epoch, seq FROM changes ORDER BY epoch DESC, seq DESC LIMIT 1"));
  if (rows.empty()) return CompactedThrough(tx);
  return ChangePosition{storage::AsInt(rows[0][0]), storage::AsInt(rows[0][1])};
}

absl::StatusOr<ChangePosition> CompactedThrough(Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT value FROM engine_state WHERE key = ?",
                            {std::string(kCompactedThroughKey)}));
  if (rows.empty()) return ChangePosition();
  return ParsePosition(storage::AsBytes(rows[0][0]));
}

absl::Status SetCompactedThrough(Transaction& tx, ChangePosition position) {
  return tx.Send(
      "INSERT INTO engine_state (key, value) VALUES (?, ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      {std::string(kCompactedThroughKey), Bytes{FormatPosition(position)}});
}

absl::StatusOr<std::string> SeenChanges(Transaction& tx) {
  constexpr char kLast[] = " FROM changes ORDER BY epoch DESC, seq DESC LIMIT 1";
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query(absl::StrCat("SELECT (SELECT epoch", kLast, "), (SELECT seq", kLast,
                                         "), (SELECT value FROM engine_state WHERE key = ?)"),
                            {std::string(kCompactedThroughKey)}));
  const Row& row = rows[0];
  return absl::StrCat(storage::AsInt(row[0]), ",", storage::AsInt(row[1]), ",",
                      storage::AsBytes(row[2]));
}

absl::StatusOr<ChangePosition> PositionSeen(const std::string& seen) {
  const size_t end = seen.find(',', seen.find(',') + 1);
  ASSIGN_OR_RETURN(const ChangePosition last, ParsePosition(seen.substr(0, end)));
  const bool none = last == ChangePosition() && end + 1 < seen.size();
  return none ? ParsePosition(seen.substr(end + 1)) : last;
}

absl::Status CheckHistory(Transaction& tx, ChangePosition position) {
  if (position == ChangePosition()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT epoch, after_epoch, after_seq, founding FROM histories "
                            "WHERE epoch >= ? ORDER BY epoch LIMIT 2",
                            {position.epoch}));
  const bool known = !rows.empty() && storage::AsInt(rows[0][0]) == position.epoch;
  // Programs before the first that knew of histories numbered otherwise, all below it.
  const bool before = !known && !rows.empty() && storage::AsInt(rows[0][3]) == 1;
  if (!known && !before) return Lost();
  const size_t next = known ? 1 : 0;  // the row of the history after that of the position
  ChangePosition end;
  if (next < rows.size()) {
    end = {storage::AsInt(rows[next][1]), storage::AsInt(rows[next][2])};
  } else {
    ASSIGN_OR_RETURN(end, LastPosition(tx));
  }
  return position <= end ? absl::OkStatus() : Lost();
}

absl::Status CheckAllAfter(Transaction& tx, ChangePosition position) {
  ASSIGN_OR_RETURN(const ChangePosition compacted, CompactedThrough(tx));
  if (position < compacted) return Lost();
  return CheckHistory(tx, position);
}

}  // namespace baliprocess::resource
