#include "common/resource/store/verification.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/text_form.h"
#include "common/resource/store/history.h"
#include "common/resource/store/sizes.h"

namespace baliprocess::resource {
namespace {

using common::v1::Change;
using google::protobuf::Message;
using operate::v1::VerifyResponse;
using storage::Row;
using storage::Transaction;
using storage::Value;

constexpr int64_t kPageRows = 200;
constexpr int kMostDifferences = 50;

struct NewestChange {
  Change::Kind kind = Change::KIND_UNSPECIFIED;
  Value after;
};

absl::StatusOr<std::optional<NewestChange>> FindNewestChange(Transaction& tx,
                                                             const std::string& name) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT kind, after_body FROM changes WHERE seq = (SELECT seq FROM "
                            "changes WHERE resource = ? ORDER BY epoch DESC, seq DESC LIMIT 1)",
                            {name}));
  if (rows.empty()) return std::nullopt;
  return NewestChange{static_cast<Change::Kind>(storage::AsInt(rows[0][0])), rows[0][1]};
}

// As stores read it back.
Value Stored(Value value) {
  if (const bool* flag = std::get_if<bool>(&value)) return int64_t{*flag};
  return value;
}

absl::Status ReadEnd(Transaction& tx, operate::v1::ChangeLogPosition& end) {
  ASSIGN_OR_RETURN(const ChangePosition last, LastPosition(tx));
  end.set_epoch(last.epoch);
  end.set_sequence(last.seq);
  return absl::OkStatus();
}

VerifyResponse::Difference DifferenceOf(const std::string& name, VerifyResponse::Kind kind) {
  VerifyResponse::Difference difference;
  difference.set_resource(name);
  difference.set_kind(kind);
  return difference;
}

std::string RootOf(const NamePattern& pattern) {
  return pattern.pattern().substr(0, pattern.pattern().find('/') + 1);
}

}  // namespace

Verification::Verification(storage::Database& database, const ResourceType& type, RowLayout layout)
    : database_(database),
      type_(type),
      layout_(layout),
      columns_(ColumnNames(type)),
      root_(RootOf(type.pattern)) {
  result_.set_type(type.type);
}

absl::StatusOr<bool> Verification::Next() {
  Page page;
  const bool first = !result_.has_begin();
  const absl::Status status = database_.Read([&](Transaction& tx) -> absl::Status {
    page = Page();
    RETURN_IF_ERROR(ReadEnd(tx, page.end));
    return records_done_ ? ReadLostNames(tx, page) : ReadRecords(tx, page);
  });
  RETURN_IF_ERROR(status);
  if (first) *result_.mutable_begin() = page.end;
  Take(page);
  if (!page.last.empty()) {
    after_ = page.last;
    return true;
  }
  if (records_done_) return false;
  *result_.mutable_end() = page.end;
  result_.set_sha256(ToHex(hasher_.Finish()));
  records_done_ = true;
  after_ = root_;
  return true;
}

void Verification::Take(const Page& page) {
  for (const Row& row : page.rows) {
    for (const std::string* part : {&storage::AsText(row[0]), &storage::AsBytes(row.back())}) {
      hasher_.Add(absl::StrCat(part->size(), ":"));
      hasher_.Add(*part);
    }
  }
  result_.set_records(result_.records() + static_cast<int64_t>(page.rows.size()));
  result_.set_unjudged(result_.unjudged() + page.unjudged);
  const std::string* counted = nullptr;
  for (const Difference& difference : page.differences) {
    // A record may differ in two ways.
    const bool again = counted != nullptr && *counted == difference.resource();
    if (!again) result_.set_different(result_.different() + 1);
    counted = &difference.resource();
    if (result_.differences_size() < kMostDifferences) *result_.add_differences() = difference;
  }
}

absl::Status Verification::ReadRecords(Transaction& tx, Page& page) const {
  ASSIGN_OR_RETURN(
      page.rows,
      tx.QueryUpTo({{"message"}, kMaxPageBytes},
                   absl::StrCat("SELECT ", absl::StrJoin(columns_, ", "), " FROM ", type_.plural,
                                " WHERE name > ? ORDER BY name LIMIT ", kPageRows),
                   {after_}));
  for (const Row& row : page.rows) RETURN_IF_ERROR(Judge(tx, row, page));
  if (!page.rows.empty()) page.last = storage::AsText(page.rows.back()[0]);
  return absl::OkStatus();
}

absl::Status Verification::Judge(Transaction& tx, const Row& row, Page& page) const {
  const std::string& name = storage::AsText(row[0]);
  const auto differs = [&](VerifyResponse::Kind kind) -> Difference& {
    return page.differences.emplace_back(DifferenceOf(name, kind));
  };
  ASSIGN_OR_RETURN(const std::optional<NewestChange> newest, FindNewestChange(tx, name));
  if (newest) {
    if (!IsSame(newest->after, storage::AsBytes(row.back()))) differs(VerifyResponse::RECORD);
  } else {
    ASSIGN_OR_RETURN(const ChangePosition compacted, CompactedThrough(tx));
    if (compacted == ChangePosition()) {
      differs(VerifyResponse::NO_CHANGE);
    } else {
      ++page.unjudged;
    }
  }
  const auto resource = type_.New();
  if (!ParseBody(row.back(), *resource).ok()) {
    differs(VerifyResponse::UNREADABLE);
    return absl::OkStatus();
  }
  const std::vector<std::string> wrong = WrongColumns(row, *resource);
  if (!wrong.empty()) {
    differs(VerifyResponse::COLUMNS).mutable_columns()->Assign(wrong.begin(), wrong.end());
  }
  return absl::OkStatus();
}

std::vector<std::string> Verification::WrongColumns(const Row& row, const Message& resource) const {
  std::vector<std::string> wrong;
  const size_t layout = row.size() - 2;  // behind it: the message
  if (storage::AsInt(row[layout]) != layout_.version) return wrong;
  const std::vector<Value> derived = RowOf(type_, layout_, resource);
  for (size_t i = 0; i < layout; ++i) {
    if (Stored(derived[i]) != row[i]) wrong.push_back(columns_[i]);
  }
  return wrong;
}

bool Verification::IsSame(const Value& body, const std::string& message) const {
  if (storage::IsNull(body)) return false;
  if (storage::AsBytes(body) == message) return true;
  // What an upgrade makes of records of before, the change log doesn't tell.
  const auto changed = type_.New();
  if (!ParseBody(body, *changed).ok()) return false;
  NormaliseTexts(*changed);
  if (type_.rules.split) type_.rules.split(*changed);
  return Serialize(*changed) == message;
}

absl::Status Verification::ReadLostNames(Transaction& tx, Page& page) const {
  std::string end = root_;
  ++end.back();  // what comes behind all that begin with the root
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(absl::StrCat("SELECT named.resource, EXISTS (SELECT 1 FROM ", type_.plural,
                            " WHERE name = named.resource) FROM (SELECT DISTINCT resource FROM "
                            "changes WHERE resource > ? AND resource < ? ORDER BY resource LIMIT ",
                            kPageRows, ") AS named ORDER BY named.resource"),
               {after_, end}));
  for (const Row& row : rows) {
    const std::string& name = storage::AsText(row[0]);
    if (storage::AsInt(row[1]) != 0 || !type_.pattern.Matches(name)) continue;
    ASSIGN_OR_RETURN(const std::optional<NewestChange> newest, FindNewestChange(tx, name));
    if (newest && newest->kind != Change::PURGED) {
      page.differences.push_back(DifferenceOf(name, VerifyResponse::NO_RECORD));
    }
  }
  if (!rows.empty()) page.last = storage::AsText(rows.back()[0]);
  return absl::OkStatus();
}

}  // namespace baliprocess::resource
