// What the engine does by itself: what is due, what is past its retention, the keys of tokens.

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/resource/engine/engine.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/erasure.h"
#include "common/resource/store/history.h"
#include "common/resource/store/replay.h"
#include "common/resource/store/schema.h"
#include "common/resource/store/store_status.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;
using storage::Transaction;

constexpr absl::Duration kSettlingInterval = absl::Seconds(1);
constexpr int kSettlingsPerHousekeeping = 60;
constexpr int kHousekeepingBatch = 1000;
constexpr int kSettlingBatch = 100;
constexpr absl::Duration kErasureRetention = absl::Hours(24);  // of those that never ended

absl::Time WholeMicros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

}  // namespace

absl::Status Engine::Settle(const ResourceType& type) {
  absl::Status first;
  std::string after;  // what was tried, by name: a resource that can't be settled stays due
  while (!stopped_) {
    const std::optional<absl::Time> clock = clock_trust_.Now();
    if (!clock) break;
    const absl::Time now = WholeMicros(*clock);
    ASSIGN_OR_RETURN(const std::vector<std::string> names, FindDue(type, now, after));
    if (names.empty()) break;
    after = names.back();
    if (SettleThese(type, now, names).ok()) continue;
    // One that can't be settled doesn't keep the others.
    for (const std::string& name : names) {
      absl::Status status = SettleThese(type, now, {name});
      if (first.ok()) first = std::move(status);
    }
  }
  return first;
}

absl::StatusOr<std::vector<std::string>> Engine::FindDue(const ResourceType& type, absl::Time now,
                                                         const std::string& after) {
  std::vector<std::string> names;
  const std::string due = SelectDueNames(type, kSettlingBatch);
  RETURN_IF_ERROR(FromStore(database_.ReadOne([&](Transaction& tx) -> absl::Status {
    names.clear();
    ASSIGN_OR_RETURN(const auto rows, tx.Query(due, {absl::ToUnixMicros(now), after}));
    for (const storage::Row& row : rows) names.push_back(storage::AsText(row[0]));
    return absl::OkStatus();
  })));
  return names;
}

absl::Status Engine::SettleThese(const ResourceType& type, absl::Time now,
                                 const std::vector<std::string>& names) {
  // An empty actor and method mark a change that was made by time. Any other actor could be the
  // `sub` of a token.
  auth::Caller nobody;
  nobody.roles |= 1u << api::v1::Access::SECRETARIAT;
  const std::string still_due = absl::StrCat("SELECT message", FromDue(type), " AND name = ?");
  ChangesMade changes;
  const absl::Status status =
      FromStore(WriteChanges(database_, [&](Transaction& tx) -> absl::Status {
        PeerAnswers answers;
        Scope scope(scope_store(), tx, nobody, "", now, answers);
        const auto resource = type.New();
        for (const std::string& name : names) {
          ASSIGN_OR_RETURN(const auto rows, tx.Query(still_due, {absl::ToUnixMicros(now), name}));
          if (rows.empty()) continue;  // settled meanwhile
          RETURN_IF_ERROR(ParseBody(rows[0][0], *resource));
          RETURN_IF_ERROR(type.rules.settle(scope, *resource));
        }
        changes = scope.changes();
        return absl::OkStatus();
      }));
  if (!status.ok()) return status;
  record_numbers_.AddChanges(changes);
  feed_.ForgetPages();
  return absl::OkStatus();
}

absl::Status Engine::KeepHouse() {
  absl::Status first;
  // Whatever becomes of one part, the others are done.
  const auto part = [&](const std::string& name, const std::function<absl::Status()>& work) {
    absl::Status status = background_.Run(name, work);
    if (first.ok()) first = std::move(status);
  };
  part("age of the change log", [&] { return LookForOldestChange(); });
  part("back-fill", [&] { return BackFill(registry_, options_.schema_version, database_); });
  const std::optional<absl::Time> now = clock_trust_.NowForRemoval();
  if (!now) return first;
  part("keys of tokens", [&] {
    ASSIGN_OR_RETURN(const auto keys, KeepTokenKeys(database_, *now, options_.token_key_age));
    SealWith(keys);
    return absl::OkStatus();
  });
  part("removal of erasures", [&] {
    return InBatches([&](Transaction& tx) { return RemoveErasures(tx, *now - kErasureRetention); });
  });
  part("removal of replays", [&] {
    return InBatches([&](Transaction& tx) {
      return RemoveReplays(tx, *now - kReplayRetention, kHousekeepingBatch);
    });
  });
  if (options_.change_retention == absl::ZeroDuration()) return first;
  part("removal of changes", [&] {
    return InBatches([&](Transaction& tx) {
      return CompactChanges(tx, *now - options_.change_retention, kHousekeepingBatch);
    });
  });
  feed_.ForgetPages();
  return first;
}

// Each batch is a transaction, so that others get their turn.
absl::Status Engine::InBatches(
    const std::function<absl::StatusOr<int64_t>(Transaction& tx)>& remove) {
  int64_t removed = 0;
  do {
    RETURN_IF_ERROR(database_.Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(removed, remove(tx));
      return absl::OkStatus();
    }));
  } while (removed == kHousekeepingBatch && !stopped_);
  return absl::OkStatus();
}

void Engine::KeepHouseUntilStopped() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto interval = absl::ToChronoMilliseconds(kSettlingInterval);
  for (int round = 1; !stop_signal_.wait_for(lock, interval, [this] { return stopped_.load(); });
       ++round) {
    lock.unlock();
    // What fails has been logged, and the next round tries again.
    for (const auto& type : registry_.types()) {
      if (!type->rules.settle) continue;
      background_.Run("settling of " + type->plural, [&] { return Settle(*type); }).IgnoreError();
    }
    if (record_numbers_.IsDue()) CountRecords().IgnoreError();
    if (round % kSettlingsPerHousekeeping == 0) KeepHouse().IgnoreError();
    lock.lock();
  }
}

absl::Status Engine::CountRecords() {
  return background_.Run("count of records",
                         [&] { return FromStore(record_numbers_.Count(database_)); });
}

absl::Status Engine::LookForOldestChange() {
  return FromStore(database_.ReadOne([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows,
                     tx.Query("SELECT change_time FROM changes ORDER BY epoch, seq LIMIT 1"));
    oldest_change_ = absl::FromUnixMicros(rows.empty() ? 0 : storage::AsInt(rows[0][0]));
    return absl::OkStatus();
  }));
}

// With the newest key that other replicas know by now.
void Engine::SealWith(const std::vector<TokenKey>& keys) {
  std::vector<std::string> all;
  size_t sealing = 0;
  for (const TokenKey& key : keys) {
    if (Now() - key.made >= kTokenKeyRipens) sealing = all.size();
    all.push_back(key.key);
  }
  sealer_.SetKeys(all, sealing);
}

}  // namespace baliprocess::resource
