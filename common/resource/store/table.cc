#include "common/resource/store/table.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "common/resource/contract/former_fields.h"
#include "common/resource/store/search_index.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;
using storage::Bytes;
using storage::Row;
using storage::Transaction;
using storage::Value;

// What a live resource refers to, its parent among it.
std::set<std::string> TargetsOf(const ResourceType& type, const Message& resource) {
  std::set<std::string> targets;
  if (type.IsDeleted(resource)) return targets;
  if (type.parent != nullptr) {
    targets.insert(std::string(type.pattern.Parent(type.NameOf(resource))));
  }
  for (const Reference& reference : type.references) {
    ForEachReference(reference, resource, [&](const std::string& target, const std::string&) {
      targets.insert(target);
    });
  }
  return targets;
}

absl::Status AddReferences(Transaction& tx, const std::string& name,
                           const std::set<std::string>& targets) {
  for (const std::string& target : targets) {
    RETURN_IF_ERROR(tx.Send(
        "INSERT INTO resource_references (referrer, target) VALUES (?, ?) ON CONFLICT DO NOTHING",
        {name, target}));
  }
  return absl::OkStatus();
}

// What goes with every write of a row.
absl::Status FollowRow(Transaction& tx, const ResourceType& type, const Message* before,
                       const Message& resource) {
  RETURN_IF_ERROR(IndexResource(tx, type, before, resource));
  return type.rules.derive ? type.rules.derive(tx, resource) : absl::OkStatus();
}

// True for rows of an owner that isn't closed, or is closed with the viewer inside.
Condition OpenTo(const ResourceType& owner, const Viewer& viewer) {
  if (!owner.has_circle()) return {"TRUE", {}};
  const std::string open = absl::StrCat("NOT ", owner.plural, ".", owner.closed_column);
  // Members come from tokens; what isn't a name is in no circle.
  static const NamePattern* const member = PatternOfType("baliprocess.net/Member");
  if (member == nullptr || !member->Matches(viewer.member())) return {open, {}};
  return {absl::StrCat("(", open, " OR ", owner.plural, ".", owner.members_column, " LIKE ?)"),
          {absl::StrCat("%", kListSeparator, viewer.member(), kListSeparator, "%")}};
}

// Adds `more` to a condition, with what stands between them.
void Append(std::string_view between, Condition more, Condition& condition) {
  condition.sql.append(between).append(more.sql);
  for (Value& param : more.params) condition.params.push_back(std::move(param));
}

// True where `column` names an owner that the viewer may see, and see into.
Condition BelongsToOpen(const ResourceType& owner, const std::string& column,
                        const Viewer& viewer) {
  Condition condition{absl::StrCat("EXISTS (SELECT 1 FROM ", owner.plural, " WHERE ", owner.plural,
                                   ".name = ", column),
                      {}};
  Append(" AND ", VisibleTo(owner, viewer), condition);
  Append(" AND ", OpenTo(owner, viewer), condition);
  condition.sql += ")";
  return condition;
}

absl::StatusOr<bool> IsThere(Transaction& tx, const ResourceType& type, std::string_view name,
                             Condition condition) {
  Condition named{"name = ?", {std::string(name)}};
  Append(" AND ", std::move(condition), named);
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query(absl::StrCat("SELECT 1 FROM ", type.plural,
                                         " WHERE delete_time IS NULL AND ", named.sql),
                            named.params));
  return !rows.empty();
}

}  // namespace

std::vector<std::string> ColumnNames(const ResourceType& type) {
  std::vector<std::string> names;
  for (const Column& column : type.columns) {
    for (std::string& name : SqlNamesOf(column)) names.push_back(std::move(name));
  }
  for (const char* name : {"parent", "layout", "message"}) names.emplace_back(name);
  return names;
}

std::vector<Value> RowOf(const ResourceType& type, RowLayout layout, const Message& resource) {
  std::vector<Value> values;
  for (const Column& column : type.columns) AppendValues(column, resource, values);
  const std::string name = type.NameOf(resource);
  values.emplace_back(std::string(type.pattern.Parent(name)));
  values.emplace_back(int64_t{layout.version});
  values.emplace_back(Bytes{Serialize(resource)});
  return values;
}

std::string FromDue(const ResourceType& type) {
  return absl::StrCat(" FROM ", type.plural, " WHERE delete_time IS NULL AND (",
                      type.rules.due_when, ") AND ", type.rules.due_column, " <= ?");
}

// By an expression and not by the name itself: a planner would take the index of names, and read
// all resources rather than the few that are due.
std::string SelectDueNames(const ResourceType& type, int limit) {
  return absl::StrCat("SELECT name", FromDue(type),
                      " AND name || '' > ? ORDER BY name || '' LIMIT ", limit);
}

std::string Serialize(const Message& resource) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    resource.SerializeToCodedStream(&coded);
  }
  return bytes;
}

absl::Status ParseBody(const Value& body, Message& resource) {
  if (!resource.ParseFromString(storage::AsBytes(body))) {
    return absl::DataLossError(
        absl::StrCat("a stored ", resource.GetDescriptor()->full_name(), " can't be read"));
  }
  CarryFormerFields(resource);
  return absl::OkStatus();
}

absl::StatusOr<bool> Load(Transaction& tx, const ResourceType& type, std::string_view name,
                          Message& resource, RowLayout* layout) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(absl::StrCat("SELECT message, layout FROM ", type.plural, " WHERE name = ?"),
               {std::string(name)}));
  if (rows.empty()) return false;
  RETURN_IF_ERROR(ParseBody(rows[0][0], resource));
  if (layout != nullptr) layout->version = static_cast<int>(storage::AsInt(rows[0][1]));
  return true;
}

absl::Status Insert(Transaction& tx, const ResourceType& type, RowLayout layout,
                    const Message& resource) {
  const std::vector<std::string> names = ColumnNames(type);
  const std::vector<std::string> marks(names.size(), "?");
  RETURN_IF_ERROR(
      tx.Send(absl::StrCat("INSERT INTO ", type.plural, " (", absl::StrJoin(names, ", "),
                           ") VALUES (", absl::StrJoin(marks, ", "), ")"),
              RowOf(type, layout, resource)));
  RETURN_IF_ERROR(AddReferences(tx, type.NameOf(resource), TargetsOf(type, resource)));
  return FollowRow(tx, type, nullptr, resource);
}

absl::Status Replace(Transaction& tx, const ResourceType& type, RowLayout layout,
                     const Message* before, const Message& resource) {
  const std::string name = type.NameOf(resource);
  std::vector<Value> values = RowOf(type, layout, resource);
  values.emplace_back(name);
  RETURN_IF_ERROR(
      tx.Send(absl::StrCat("UPDATE ", type.plural, " SET ",
                           absl::StrJoin(ColumnNames(type), " = ?, "), " = ? WHERE name = ?"),
              values));
  const std::set<std::string> targets = TargetsOf(type, resource);
  if (before == nullptr || targets != TargetsOf(type, *before)) {
    RETURN_IF_ERROR(tx.Send("DELETE FROM resource_references WHERE referrer = ?", {name}));
    RETURN_IF_ERROR(AddReferences(tx, name, targets));
  }
  return FollowRow(tx, type, before, resource);
}

absl::StatusOr<std::optional<std::string>> FindReferrer(Transaction& tx, std::string_view name) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT referrer FROM resource_references WHERE target = ? AND referrer <> ? "
               "ORDER BY referrer LIMIT 1",
               {std::string(name), std::string(name)}));
  if (rows.empty()) return std::nullopt;
  return storage::AsText(rows[0][0]);
}

absl::StatusOr<bool> IsLive(Transaction& tx, const ResourceType& type, std::string_view name,
                            const Viewer& viewer) {
  return IsThere(tx, type, name, VisibleTo(type, viewer));
}

absl::StatusOr<bool> IsLiveAndOpen(Transaction& tx, const ResourceType& type, std::string_view name,
                                   const Viewer& viewer) {
  return IsThere(tx, type, name, InsideOf(type, viewer));
}

Condition VisibleTo(const ResourceType& type, const Viewer& viewer) {
  if (viewer.clearance() == api::v1::Visibility::RESTRICTED) return {"TRUE", {}};
  Condition condition{
      absl::StrCat(type.plural, ".visibility <= ", static_cast<int>(viewer.clearance())), {}};
  if (viewer.clearance() < kDeletedVisibility) {
    absl::StrAppend(&condition.sql, " AND ", type.plural, ".delete_time IS NULL");
  }
  Append(" AND ", SurroundingsVisibleTo(type, viewer), condition);
  return condition;
}

Condition InsideOf(const ResourceType& type, const Viewer& viewer) {
  if (viewer.clearance() == api::v1::Visibility::RESTRICTED) return {"TRUE", {}};
  Condition condition = VisibleTo(type, viewer);
  Append(" AND ", OpenTo(type, viewer), condition);
  return condition;
}

Condition SurroundingsVisibleTo(const ResourceType& type, const Viewer& viewer) {
  Condition condition{"TRUE", {}};
  if (type.parent != nullptr) {
    Append(" AND ", BelongsToOpen(*type.parent, absl::StrCat(type.plural, ".parent"), viewer),
           condition);
  }
  if (type.circle_owner != nullptr) {
    const std::string field = absl::StrCat(type.plural, ".", type.circle_field);
    Append(absl::StrCat(" AND (", field, " = '' OR "),
           BelongsToOpen(*type.circle_owner, field, viewer), condition);
    condition.sql += ")";
  }
  return condition;
}

}  // namespace baliprocess::resource
