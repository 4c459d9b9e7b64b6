#include "common/resource/store/changes.h"

#include <google/protobuf/util/time_util.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/former_fields.h"
#include "common/resource/contract/names.h"
#include "common/resource/store/history.h"
#include "common/resource/store/redactor.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using common::v1::Change;
using google::protobuf::Message;
using storage::Bytes;
using storage::Row;
using storage::Transaction;
using storage::Value;

Value BodyOf(const Message* resource) {
  if (resource == nullptr) return std::monostate();
  return Bytes{Serialize(*resource)};
}

constexpr char kSelect[] =
    "SELECT epoch, seq, change_time, kind, type, resource, actor, method, before_body, after_body, "
    "reason, surroundings FROM changes WHERE ";

void PackBody(const Value& body, const ResourceType* type, google::protobuf::Any* any) {
  any->set_type_url(absl::StrCat("type.googleapis.com/", type->descriptor->full_name()));
  any->set_value(storage::AsBytes(body));
  if (!HasFormerFields(*type->descriptor)) return;
  const auto resource = type->New();
  if (ParseBody(body, *resource).ok()) any->set_value(resource->SerializeAsString());
}

StoredChange ChangeOf(const Registry& registry, const Row& row) {
  StoredChange stored;
  stored.position = {storage::AsInt(row[0]), storage::AsInt(row[1])};
  Change& change = stored.change;
  *change.mutable_change_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(storage::AsInt(row[2]));
  change.set_kind(static_cast<Change::Kind>(storage::AsInt(row[3])));
  change.set_type(storage::AsText(row[4]));
  change.set_resource(storage::AsText(row[5]));
  change.set_actor(storage::AsText(row[6]));
  change.set_method(storage::AsText(row[7]));
  change.set_reason(storage::AsText(row[10]));
  stored.surroundings = static_cast<api::v1::Visibility::Level>(storage::AsInt(row[11]));
  stored.type = registry.FindType(change.type());
  if (stored.type == nullptr) return stored;
  if (!storage::IsNull(row[8])) PackBody(row[8], stored.type, change.mutable_before());
  if (!storage::IsNull(row[9])) PackBody(row[9], stored.type, change.mutable_after());
  return stored;
}

ChangePage PageOf(const Registry& registry, const std::vector<Row>& rows, int limit) {
  constexpr size_t kToken = 128;  // the resume token, which a change is given later
  ChangePage page;
  PageBudget budget;
  for (const Row& row : rows) {
    StoredChange stored = ChangeOf(registry, row);
    // The bodies count as they were read, also of a type that this binary doesn't know.
    const size_t bodies = storage::AsBytes(row[8]).size() + storage::AsBytes(row[9]).size();
    page.more = page.changes.size() == static_cast<size_t>(limit) ||
                !budget.Take(std::max(bodies, stored.change.ByteSizeLong()) + kToken);
    if (page.more) return page;
    page.changes.push_back(std::move(stored));
  }
  page.more = budget.exceeded();
  return page;
}

// Redacts one side of a change; whether the caller may see it.
absl::StatusOr<bool> RedactSide(const ResourceType& type, api::v1::Visibility::Level clearance,
                                Redactor& redactor, google::protobuf::Any& side) {
  const auto resource = type.New();
  if (!resource->ParseFromString(side.value())) {
    return absl::DataLossError("a stored change can't be read");
  }
  if (type.VisibilityOf(*resource) > clearance) return false;
  if (type.IsDeleted(*resource) && clearance < kDeletedVisibility) return false;
  RETURN_IF_ERROR(redactor.Redact(*resource));
  side.set_value(resource->SerializeAsString());
  return true;
}

// The highest visibility of what a resource belongs to, its parents and the owner of its circle, as
// a SQL expression.
Condition SurroundingsLevel(const ResourceType& type, const Message& resource) {
  std::string selects;
  Condition level;
  const auto add = [&](const ResourceType& owner, std::string name) {
    if (name.empty()) return;
    absl::StrAppend(&selects, selects.empty() ? "" : " UNION ALL ",
                    "SELECT visibility AS level FROM ", owner.plural, " WHERE name = ?");
    level.params.emplace_back(std::move(name));
  };
  std::string name = type.NameOf(resource);
  for (const ResourceType* above = type.parent; above != nullptr; above = above->parent) {
    name = ParentOf(name);
    add(*above, name);
  }
  if (type.circle_owner != nullptr) {
    const Column& column = *FindColumn(type.columns, type.circle_path);
    add(*type.circle_owner, TextAt(resource, column.fields));
  }
  level.sql = selects.empty() ? "0"
                              : absl::StrCat("(SELECT COALESCE(MAX(level), 0) FROM (", selects,
                                             ") AS surroundings)");
  return level;
}

// Whether the resource is there and meets the condition, of VisibleTo or its kin.
absl::StatusOr<bool> RowSatisfies(Transaction& tx, const ResourceType& type,
                                  const std::string& name, Condition condition) {
  condition.params.emplace_back(name);
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query(absl::StrCat("SELECT 1 FROM ", type.plural, " WHERE ", condition.sql,
                                         " AND name = ?"),
                            condition.params));
  return !rows.empty();
}

}  // namespace

absl::Status AppendChange(Transaction& tx, const storage::Dialect& dialect,
                          const ChangeContext& context, const ResourceType& type, Change::Kind kind,
                          const Message* before, const Message* after) {
  const Message& resource = after != nullptr ? *after : *before;
  Condition level = SurroundingsLevel(type, resource);
  std::vector<Value> params = {absl::ToUnixMicros(context.time),
                               int64_t{kind},
                               type.type,
                               type.NameOf(resource),
                               context.actor,
                               context.method,
                               context.reason};
  const bool told = kind != Change::PURGED;
  params.push_back(BodyOf(told ? before : nullptr));
  params.push_back(BodyOf(told ? after : nullptr));
  for (Value& param : level.params) params.push_back(std::move(param));
  return tx.Send(
      absl::StrCat("INSERT INTO changes (epoch, change_time, kind, type, resource, actor, "
                   "method, reason, before_body, after_body, surroundings) VALUES (",
                   CurrentEpoch(dialect), ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ", level.sql, ")"),
      params);
}

absl::StatusOr<ChangePage> ListStoredChanges(Transaction& tx, const Registry& registry,
                                             const Condition& condition,
                                             std::optional<ChangePosition> from, bool newest_first,
                                             int limit) {
  std::string sql = absl::StrCat(kSelect, "(", condition.sql, ")");
  std::vector<Value> params = condition.params;
  if (from) {
    absl::StrAppend(&sql, " AND (epoch, seq) ", newest_first ? "<" : ">", " (?, ?)");
    params.emplace_back(from->epoch);
    params.emplace_back(from->seq);
  }
  const char* direction = newest_first ? " DESC" : "";
  absl::StrAppend(&sql, " ORDER BY epoch", direction, ", seq", direction, " LIMIT ?");
  params.emplace_back(int64_t{limit} + 1);
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.QueryUpTo({{"before_body", "after_body"}, kMaxPageBytes}, sql, params));
  return PageOf(registry, rows, limit);
}

const std::vector<Column>& ChangeColumns() {
  static const std::vector<Column>* const columns = [] {
    auto* made = new std::vector<Column>;
    const auto add = [made](const char* name, ColumnKind kind) -> Column& {
      Column& column = made->emplace_back();
      column.path = name;
      column.name = name;
      column.kind = kind;
      return column;
    };
    for (const char* name : {"resource", "type", "actor", "method"}) add(name, ColumnKind::kText);
    add("kind", ColumnKind::kEnum).enum_type = Change::Kind_descriptor();
    add("change_time", ColumnKind::kTime);
    return made;
  }();
  return *columns;
}

absl::StatusOr<bool> RedactChange(Transaction& tx, const Registry& registry,
                                  const auth::Caller& caller, bool audit, StoredChange& stored) {
  const Viewer viewer(caller);
  Redactor redactor(registry, tx, viewer);
  const auto clearance = viewer.clearance();
  if (clearance == api::v1::Visibility::RESTRICTED) return true;
  Change& change = stored.change;
  if (stored.type == nullptr) {
    change.clear_reason();
    return audit;
  }
  bool saw_before = false;
  bool sees_after = false;
  if (change.has_before()) {
    ASSIGN_OR_RETURN(saw_before,
                     RedactSide(*stored.type, clearance, redactor, *change.mutable_before()));
  }
  if (change.has_after()) {
    ASSIGN_OR_RETURN(sees_after,
                     RedactSide(*stored.type, clearance, redactor, *change.mutable_after()));
  }
  ASSIGN_OR_RETURN(const bool visible_now, RowSatisfies(tx, *stored.type, change.resource(),
                                                        VisibleTo(*stored.type, viewer)));
  // What was below something hidden then isn't told, whoever may see it now.
  const bool visible = visible_now && stored.surroundings <= clearance;
  if (!saw_before || !visible) change.clear_before();
  if (!sees_after || !visible) change.clear_after();
  if (!change.has_before() || !change.has_after()) change.clear_reason();
  if (change.has_after() || audit) return true;
  // Only the change that hid the resource itself says so, and only while what it belongs to may be
  // seen: a resource below a hidden one was hidden with it, or was never seen.
  if (!saw_before || sees_after || stored.surroundings > clearance) return false;
  ASSIGN_OR_RETURN(const bool surroundings_visible,
                   RowSatisfies(tx, *stored.type, change.resource(),
                                SurroundingsVisibleTo(*stored.type, viewer)));
  if (!surroundings_visible) return false;
  change.set_kind(Change::HIDDEN);
  change.clear_before();
  change.clear_actor();
  change.clear_method();
  return true;
}

absl::StatusOr<int64_t> CompactChanges(Transaction& tx, absl::Time before, int limit) {
  // By position, so that what is kept is everything after one point.
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT epoch, seq, change_time FROM changes "
                            "ORDER BY epoch, seq LIMIT ?",
                            {int64_t{limit}}));
  std::optional<ChangePosition> last;
  int64_t removed = 0;
  for (const Row& row : rows) {
    if (storage::AsInt(row[2]) >= absl::ToUnixMicros(before)) break;
    last = ChangePosition{storage::AsInt(row[0]), storage::AsInt(row[1])};
    ++removed;
  }
  if (!last) return 0;
  RETURN_IF_ERROR(
      tx.Send("DELETE FROM changes WHERE (epoch, seq) <= (?, ?)", {last->epoch, last->seq}));
  RETURN_IF_ERROR(SetCompactedThrough(tx, *last));
  return removed;
}

}  // namespace baliprocess::resource
