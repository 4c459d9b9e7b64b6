#include "common/resource/store/forgetting.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/field_traits.h"
#include "common/resource/contract/field_values.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using storage::Bytes;
using storage::Dialect;
using storage::Row;
using storage::Transaction;
using storage::Value;

constexpr int64_t kBatch = 500;

std::string Contains(const Dialect& dialect, const char* column) {
  return absl::StrCat(std::string(dialect.find_bytes), "(", column, ", ?) > 0");
}

// Those whose records have an erasure of their own, such as officials, are erased as a whole or not
// at all.
bool HasErasure(const Message& message) {
  return message.GetDescriptor()->FindFieldByName("erase_time") != nullptr;
}

// What else a record has of the one person whose name it had, such as how to reach a delegate.
void ClearPersonalBeside(const TypeTraits& type, const FieldDescriptor* name, Message& message) {
  for (const FieldTraits& traits : type.fields) {
    if (traits.personal && traits.field != name) {
      message.GetReflection()->ClearField(&message, traits.field);
    }
  }
}

bool EraseAs(const TypeTraits& type, Message& message, std::string_view text) {
  if (!type.any_personal || HasErasure(message)) return false;
  const auto* reflection = message.GetReflection();
  bool erased = false;
  for (const FieldTraits& traits : type.fields) {
    const FieldDescriptor* field = traits.field;
    if (traits.type != nullptr) {
      bool had_name = false;
      ForEachMessage(message, field,
                     [&](Message& inner) { had_name |= EraseAs(*traits.type, inner, text); });
      if (had_name && !field->is_repeated()) ClearPersonalBeside(type, field, message);
      erased |= had_name;
    } else if (traits.personal && !field->is_repeated() &&
               field->type() == FieldDescriptor::TYPE_STRING &&
               reflection->GetString(message, field) == text) {
      reflection->SetString(&message, field, std::string(kErasedText));
      erased = true;
    }
  }
  return erased;
}

// The body with the text erased; as it is where it doesn't have the text.
absl::StatusOr<Value> WithoutText(const ResourceType& type, const Value& body,
                                  std::string_view text) {
  if (storage::IsNull(body)) return body;
  const std::unique_ptr<Message> resource = type.New();
  RETURN_IF_ERROR(ParseBody(body, *resource));
  if (!EraseTextIn(*resource, text)) return body;
  return Bytes{Serialize(*resource)};
}

absl::Status EraseInChange(Transaction& tx, const Registry& registry, const Row& row,
                           std::string_view text) {
  const ResourceType* type = registry.FindType(storage::AsText(row[1]));
  if (type == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Value before, WithoutText(*type, row[2], text));
  ASSIGN_OR_RETURN(const Value after, WithoutText(*type, row[3], text));
  return tx.Send("UPDATE changes SET before_body = ?, after_body = ? WHERE seq = ?",
                 {before, after, row[0]});
}

// As many at once as a page holds: the history may have any number of them.
absl::Status EraseInChanges(Transaction& tx, const Dialect& dialect, const Registry& registry,
                            std::string_view text) {
  const Bytes bytes{std::string(text)};
  const std::string sql =
      absl::StrCat("SELECT seq, type, before_body, after_body FROM changes WHERE seq > ? AND (",
                   Contains(dialect, "before_body"), " OR ", Contains(dialect, "after_body"),
                   ") ORDER BY seq LIMIT ?");
  int64_t seq = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<Row> rows,
                     tx.QueryUpTo({{"before_body", "after_body"}, kMaxPageBytes}, sql,
                                  {seq, bytes, bytes, kBatch}));
    if (rows.empty()) return absl::OkStatus();
    for (const Row& row : rows) {
      seq = storage::AsInt(row[0]);
      RETURN_IF_ERROR(EraseInChange(tx, registry, row, text));
    }
  }
}

absl::Status EraseInReply(Transaction& tx, const Row& row, std::string_view text) {
  const auto* method = DescriptorPool::generated_pool()->FindMethodByName(storage::AsText(row[2]));
  if (method == nullptr) return absl::OkStatus();
  const std::unique_ptr<Message> reply = NewMessage(*method->output_type());
  RETURN_IF_ERROR(ParseBody(row[3], *reply));
  if (!EraseTextIn(*reply, text)) return absl::OkStatus();
  // The hash of the request is of the name, too.
  return tx.Send(
      "UPDATE replays SET request_hash = ?, reply = ? "
      "WHERE caller = ? AND request_id = ?",
      {Bytes{RandomBytes(32)}, Bytes{Serialize(*reply)}, row[0], row[1]});
}

absl::Status EraseInReplies(Transaction& tx, const Dialect& dialect, std::string_view text) {
  const std::string sql = absl::StrCat(
      "SELECT caller, request_id, method, reply FROM replays WHERE (caller, request_id) > (?, ?) "
      "AND ",
      Contains(dialect, "reply"), " ORDER BY caller, request_id LIMIT ?");
  std::string caller;
  std::string request_id;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<Row> rows,
                     tx.QueryUpTo({{"reply"}, kMaxPageBytes}, sql,
                                  {caller, request_id, Bytes{std::string(text)}, kBatch}));
    if (rows.empty()) return absl::OkStatus();
    for (const Row& row : rows) {
      caller = storage::AsText(row[0]);
      request_id = storage::AsText(row[1]);
      RETURN_IF_ERROR(EraseInReply(tx, row, text));
    }
  }
}

}  // namespace

bool EraseTextIn(Message& message, std::string_view text) {
  TraitsSet scratch;
  return EraseAs(TraitsOf(message.GetDescriptor(), scratch), message, text);
}

absl::StatusOr<std::vector<std::string>> NamesOfContaining(Transaction& tx, const Dialect& dialect,
                                                           const ResourceType& type,
                                                           std::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query(absl::StrCat("SELECT name FROM ", type.plural, " WHERE ",
                                         Contains(dialect, "message"), " ORDER BY name"),
                            {Bytes{std::string(text)}}));
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.push_back(storage::AsText(row[0]));
  return names;
}

absl::Status EraseTextInHistory(Transaction& tx, const Dialect& dialect, const Registry& registry,
                                std::string_view text) {
  RETURN_IF_ERROR(EraseInChanges(tx, dialect, registry, text));
  return EraseInReplies(tx, dialect, text);
}

absl::Status Remove(Transaction& tx, const Dialect& dialect, const ResourceType& type,
                    const std::string& name) {
  RETURN_IF_ERROR(tx.Send(absl::StrCat("DELETE FROM ", type.plural, " WHERE name = ?"), {name}));
  RETURN_IF_ERROR(tx.Send("DELETE FROM resource_references WHERE referrer = ?", {name}));
  RETURN_IF_ERROR(tx.Send(
      "UPDATE changes SET before_body = NULL, after_body = NULL WHERE resource = ?", {name}));
  // Replies of batches hold any.
  return tx.Send(absl::StrCat("DELETE FROM replays WHERE resource = ? OR (resource = '' AND ",
                              Contains(dialect, "reply"), ")"),
                 {name, Bytes{name}});
}

}  // namespace baliprocess::resource
