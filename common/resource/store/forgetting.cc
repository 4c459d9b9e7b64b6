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

std::string Contains(const Dialect& dialect, const char* column) {
  return absl::StrCat(std::string(dialect.find_bytes), "(", column, ", ?) > 0");
}

bool EraseAs(const TypeTraits& type, Message& message, std::string_view text) {
  if (!type.any_personal) return false;
  const auto* reflection = message.GetReflection();
  bool erased = false;
  for (const FieldTraits& traits : type.fields) {
    const FieldDescriptor* field = traits.field;
    if (traits.type != nullptr) {
      ForEachMessage(message, field,
                     [&](Message& inner) { erased |= EraseAs(*traits.type, inner, text); });
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

absl::Status EraseInChanges(Transaction& tx, const Dialect& dialect, const Registry& registry,
                            std::string_view text) {
  const Bytes bytes{std::string(text)};
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(
          absl::StrCat("SELECT seq, type, before_body, after_body FROM changes WHERE ",
                       Contains(dialect, "before_body"), " OR ", Contains(dialect, "after_body")),
          {bytes, bytes}));
  for (const Row& row : rows) {
    const ResourceType* type = registry.FindType(storage::AsText(row[1]));
    if (type == nullptr) continue;
    ASSIGN_OR_RETURN(const Value before, WithoutText(*type, row[2], text));
    ASSIGN_OR_RETURN(const Value after, WithoutText(*type, row[3], text));
    RETURN_IF_ERROR(tx.Execute("UPDATE changes SET before_body = ?, after_body = ? WHERE seq = ?",
                               {before, after, row[0]})
                        .status());
  }
  return absl::OkStatus();
}

absl::Status EraseInReplies(Transaction& tx, const Dialect& dialect, std::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query(absl::StrCat("SELECT caller, request_id, method, reply FROM replays "
                                         "WHERE ",
                                         Contains(dialect, "reply")),
                            {Bytes{std::string(text)}}));
  for (const Row& row : rows) {
    const auto* method =
        DescriptorPool::generated_pool()->FindMethodByName(storage::AsText(row[2]));
    if (method == nullptr) continue;
    const std::unique_ptr<Message> reply = NewMessage(*method->output_type());
    RETURN_IF_ERROR(ParseBody(row[3], *reply));
    if (!EraseTextIn(*reply, text)) continue;
    // The hash of the request is of the name, too.
    RETURN_IF_ERROR(tx.Execute("UPDATE replays SET request_hash = ?, reply = ? "
                               "WHERE caller = ? AND request_id = ?",
                               {Bytes{RandomBytes(32)}, Bytes{Serialize(*reply)}, row[0], row[1]})
                        .status());
  }
  return absl::OkStatus();
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
  RETURN_IF_ERROR(
      tx.Execute(absl::StrCat("DELETE FROM ", type.plural, " WHERE name = ?"), {name}).status());
  RETURN_IF_ERROR(
      tx.Execute("DELETE FROM resource_references WHERE referrer = ?", {name}).status());
  RETURN_IF_ERROR(
      tx.Execute("UPDATE changes SET before_body = NULL, after_body = NULL WHERE resource = ?",
                 {name})
          .status());
  // Replies of batches hold any.
  return tx
      .Execute(absl::StrCat("DELETE FROM replays WHERE resource = ? OR (resource = '' AND ",
                            Contains(dialect, "reply"), ")"),
               {name, Bytes{name}})
      .status();
}

}  // namespace baliprocess::resource
