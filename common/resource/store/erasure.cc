#include "common/resource/store/erasure.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/resource/store/history.h"
#include "common/resource/store/sizes.h"

namespace baliprocess::resource {
namespace {

using storage::Row;
using storage::Transaction;
using storage::Work;

// Rows of a page, which are read at once, and of which those with something to take out are changed
// in one transaction.
constexpr int64_t kPage = 200;

// How often an erasure goes through all anew because another history has begun meanwhile.
constexpr int kMostAttempts = 3;

absl::StatusOr<int64_t> LastChange(Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT COALESCE(MAX(seq), 0) FROM changes"));
  return storage::AsInt(rows[0][0]);
}

// Of the store's histories: another one may have other changes under the same numbers.
absl::StatusOr<int64_t> NewestEpoch(Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT COALESCE(MAX(epoch), 0) FROM histories"));
  return storage::AsInt(rows[0][0]);
}

absl::StatusOr<std::vector<Row>> ChangesAfter(Transaction& tx, Condition condition, int64_t seq) {
  condition.params.emplace_back(seq);
  condition.params.emplace_back(kPage);
  return tx.QueryUpTo({{"before_body", "after_body"}, kMaxPageBytes},
                      absl::StrCat("SELECT seq, before_body, after_body FROM changes WHERE ",
                                   condition.sql, " AND seq > ? ORDER BY seq LIMIT ?"),
                      condition.params);
}

struct ReplyKey {
  std::string caller;
  std::string request_id;
};

// Of few replies. An expression in place of the caller itself keeps planners from the index of all.
constexpr char kSince[] = "erasing > 0 AND erasing >= ?";

absl::StatusOr<std::vector<Row>> RepliesAfter(Transaction& tx, Condition condition,
                                              const ReplyKey& key) {
  condition.params.emplace_back(key.caller);
  condition.params.emplace_back(key.request_id);
  condition.params.emplace_back(kPage);
  const std::string order =
      condition.sql == kSince ? "caller || '', request_id" : "caller, request_id";
  return tx.QueryUpTo(
      {{"reply"}, kMaxPageBytes},
      absl::StrCat("SELECT caller, request_id, resource, reply FROM replays WHERE ", condition.sql,
                   " AND (", order, ") > (?, ?) ORDER BY ", order, " LIMIT ?"),
      condition.params);
}

bool AnyMayTell(const std::vector<Forgotten>& what, const Row& reply) {
  return std::any_of(what.begin(), what.end(), [&](const Forgotten& forgotten) {
    return MayTell(forgotten, storage::AsText(reply[2]), storage::AsBytes(reply[3]));
  });
}

absl::Status ForgetInPage(Transaction& tx, const Registry& registry, const Forgotten& forgotten,
                          const std::vector<Row>& changes) {
  for (const Row& row : changes) {
    RETURN_IF_ERROR(ForgetInChange(tx, registry, forgotten, storage::AsInt(row[0])));
  }
  return absl::OkStatus();
}

absl::Status ForgetInPage(Transaction& tx, const std::vector<Forgotten>& what,
                          const std::vector<Row>& replies) {
  for (const Row& row : replies) {
    for (const Forgotten& forgotten : what) {
      if (!AnyMayTell({forgotten}, row)) continue;
      RETURN_IF_ERROR(
          ForgetInReply(tx, forgotten, storage::AsText(row[0]), storage::AsText(row[1])));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Erasure::Forget(Transaction& tx, const Forgotten& forgotten) {
  if (stage_ == Stage::kTrying) noted_.try_emplace(forgotten);
  if (stage_ != Stage::kForgetting) return absl::OkStatus();
  const auto here = [&tx](const Work& work) { return work(tx); };
  const Way way{here, here, [] { return absl::OkStatus(); }};
  ASSIGN_OR_RETURN(const bool holds, StillHolds(tx));
  const auto done = noted_.find(forgotten);
  if (done == noted_.end() || !holds) {
    RETURN_IF_ERROR(ForgetInChanges(way, forgotten, 0).status());
    return ForgetInReplies(way, {forgotten});
  }
  RETURN_IF_ERROR(ForgetInChanges(way, forgotten, done->second.through).status());
  return ForgetInRepliesThat(way, {kSince, {number_}}, {forgotten});
}

absl::StatusOr<std::vector<std::string>> Erasure::NamesWith(Transaction& tx,
                                                            const ResourceType& type,
                                                            const std::string& text) {
  if (stage_ == Stage::kTrying) return std::vector<std::string>();
  const auto done = noted_.find({Forgotten::What::kText, text});
  const bool validates = stage_ == Stage::kValidating;
  ASSIGN_OR_RETURN(const bool holds, validates ? true : StillHolds(tx));
  if (done == noted_.end() || !holds) return NamesOfContaining(tx, database_.dialect(), type, text);
  std::vector<std::string> names = done->second.names[&type];
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT DISTINCT resource || '' FROM changes WHERE seq > ? AND type = ?",
               {done->second.names_through, type.type}));
  for (const Row& row : rows) names.push_back(storage::AsText(row[0]));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

absl::Status Erasure::FindNames() {
  for (auto& [forgotten, done] : noted_) {
    if (forgotten.what != Forgotten::What::kText) continue;
    RETURN_IF_ERROR(database_.ReadOne([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(done.names_through, LastChange(tx));
      return absl::OkStatus();
    }));
    for (const auto& type : registry_.types()) {
      RETURN_IF_ERROR(database_.Read([&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(done.names[type.get()],
                         NamesOfContaining(tx, database_.dialect(), *type, forgotten.text));
        return absl::OkStatus();
      }));
    }
  }
  return absl::OkStatus();
}

absl::Status Erasure::PrepareToValidate() {
  stage_ = Stage::kValidating;
  return FindNames();
}

absl::Status Erasure::Prepare(absl::Time now, const std::function<absl::Status()>& may_go_on) {
  stage_ = Stage::kForgetting;
  if (noted_.empty()) return absl::OkStatus();
  const Way way{[this](const Work& work) { return database_.ReadOne(work); },
                [this](const Work& work) { return database_.Write(work); }, may_go_on};
  // Should the store be set back three times meanwhile, the last transaction goes through all.
  for (int attempt = 0; attempt < kMostAttempts && !holds_; ++attempt) {
    RETURN_IF_ERROR(PrepareOnce(now, way));
  }
  return absl::OkStatus();
}

absl::Status Erasure::PrepareOnce(absl::Time now, const Way& way) {
  RETURN_IF_ERROR(FindNames());
  RETURN_IF_ERROR(Begin(now));
  const int64_t first = number_;
  const int64_t epoch = epoch_;
  int64_t through = 0;
  for (auto& [forgotten, done] : noted_) {
    ASSIGN_OR_RETURN(done.through, ForgetInChanges(way, forgotten, 0));
    through = std::max(through, done.through);
  }
  RETURN_IF_ERROR(ForgetInReplies(way, Noted()));
  // Of what has come during that the last transaction need not see most.
  RETURN_IF_ERROR(Begin(now));
  RETURN_IF_ERROR(ForgetInRepliesThat(way, {kSince, {first}}, Noted()));
  holds_ = epoch_ == epoch && last_.seq >= through;
  return absl::OkStatus();
}

std::vector<Forgotten> Erasure::Noted() const {
  std::vector<Forgotten> noted;
  for (const auto& [forgotten, done] : noted_) noted.push_back(forgotten);
  return noted;
}

// Replies that are kept from now on have this number, or a greater one. It is greater than that
// which this erasure had before.
absl::Status Erasure::Begin(absl::Time now) {
  int64_t number = 0;
  RETURN_IF_ERROR(database_.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(
        const std::vector<Row> rows,
        tx.Query("INSERT INTO erasures (number, begin_time) "
                 "SELECT COALESCE(MAX(number), 0) + 1, CAST(? AS BIGINT) FROM erasures "
                 "RETURNING number",
                 {absl::ToUnixMicros(now)}));
    number = storage::AsInt(rows[0][0]);
    ASSIGN_OR_RETURN(epoch_, NewestEpoch(tx));
    ASSIGN_OR_RETURN(last_, LastPosition(tx));
    return tx.Send("DELETE FROM erasures WHERE number = ?", {number_});
  }));
  number_ = number;
  return absl::OkStatus();
}

void Erasure::End() {
  if (number_ == 0) return;
  // What remains is removed later (RemoveErasures).
  database_
      .Write([&](Transaction& tx) {
        return tx.Send("DELETE FROM erasures WHERE number = ?", {number_});
      })
      .IgnoreError();
  number_ = 0;
}

absl::StatusOr<bool> Erasure::StillHolds(Transaction& tx) const {
  if (!holds_ || !CheckHistory(tx, last_).ok()) return false;
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT 1 FROM erasures WHERE number = ?", {number_}));
  return !rows.empty();
}

absl::StatusOr<int64_t> Erasure::ForgetInChanges(const Way& way, const Forgotten& forgotten,
                                                 int64_t after) {
  while (true) {
    RETURN_IF_ERROR(way.may_go_on());
    std::vector<Row> page;
    RETURN_IF_ERROR(way.read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(page, ChangesAfter(tx, ChangesOf(forgotten), after));
      return absl::OkStatus();
    }));
    if (page.empty()) return after;
    after = storage::AsInt(page.back()[0]);
    std::erase_if(page, [&](const Row& row) {
      return !MayTell(forgotten, row[1]) && !MayTell(forgotten, row[2]);
    });
    if (page.empty()) continue;
    RETURN_IF_ERROR(
        way.write([&](Transaction& tx) { return ForgetInPage(tx, registry_, forgotten, page); }));
  }
}

// A resource's replies are kept under its name, and such as may hold any under none.
absl::Status Erasure::ForgetInReplies(const Way& way, const std::vector<Forgotten>& what) {
  const bool text = std::any_of(what.begin(), what.end(), [](const Forgotten& forgotten) {
    return forgotten.what == Forgotten::What::kText;
  });
  if (text) return ForgetInRepliesThat(way, {"TRUE", {}}, what);
  for (const Forgotten& forgotten : what) {
    RETURN_IF_ERROR(ForgetInRepliesThat(way, {"resource = ?", {forgotten.text}}, {forgotten}));
  }
  return ForgetInRepliesThat(way, {"resource = ?", {std::string()}}, what);
}

absl::Status Erasure::ForgetInRepliesThat(const Way& way, const Condition& condition,
                                          const std::vector<Forgotten>& what) {
  ReplyKey last;
  while (true) {
    RETURN_IF_ERROR(way.may_go_on());
    std::vector<Row> page;
    RETURN_IF_ERROR(way.read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(page, RepliesAfter(tx, condition, last));
      return absl::OkStatus();
    }));
    if (page.empty()) return absl::OkStatus();
    last = {storage::AsText(page.back()[0]), storage::AsText(page.back()[1])};
    std::erase_if(page, [&](const Row& row) { return !AnyMayTell(what, row); });
    if (page.empty()) continue;
    RETURN_IF_ERROR(way.write([&](Transaction& tx) { return ForgetInPage(tx, what, page); }));
  }
}

absl::StatusOr<int64_t> RemoveErasures(Transaction& tx, absl::Time before) {
  return tx.Execute("DELETE FROM erasures WHERE begin_time < ?", {absl::ToUnixMicros(before)});
}

}  // namespace baliprocess::resource
