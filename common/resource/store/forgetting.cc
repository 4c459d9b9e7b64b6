#include "common/resource/store/forgetting.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "common/base/descriptors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/field_traits.h"
#include "common/resource/contract/field_values.h"
#include "common/resource/store/search_index.h"
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
  return absl::StrReplaceAll(std::string(dialect.contains_bytes), {{"@", column}});
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

// A field that may hold the name of a person.
bool MayHoldName(const FieldTraits& traits) {
  return traits.personal && !traits.field->is_repeated() &&
         traits.field->type() == FieldDescriptor::TYPE_STRING;
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
    } else if (MayHoldName(traits) && reflection->GetString(message, field) == text) {
      reflection->SetString(&message, field, std::string(kErasedText));
      erased = true;
    }
  }
  return erased;
}

void VisitNames(const TypeTraits& type, Message& message,
                const std::function<void(const std::string&)>& visit) {
  if (!type.any_personal || HasErasure(message)) return;
  for (const FieldTraits& traits : type.fields) {
    if (traits.type != nullptr) {
      ForEachMessage(message, traits.field,
                     [&](Message& inner) { VisitNames(*traits.type, inner, visit); });
    } else if (MayHoldName(traits)) {
      visit(message.GetReflection()->GetString(message, traits.field));
    }
  }
}

// Whether `message` is the resource called `name`, or has it within; erases it there.
bool ErasePersonalOf(const std::string& name, Message& message) {
  const auto* reflection = message.GetReflection();
  const FieldDescriptor* name_field = message.GetDescriptor()->FindFieldByName("name");
  if (name_field != nullptr && name_field->type() == FieldDescriptor::TYPE_STRING &&
      !name_field->is_repeated() && reflection->GetString(message, name_field) == name) {
    ErasePersonal(message);
    return true;
  }
  bool found = false;
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    ForEachMessage(message, field,
                   [&](Message& inner) { found = ErasePersonalOf(name, inner) || found; });
  }
  return found;
}

// Whether a message had something to erase.
bool EraseIn(const Forgotten& forgotten, Message& message) {
  if (forgotten.what == Forgotten::What::kText) return EraseTextIn(message, forgotten.text);
  return ErasePersonalOf(forgotten.text, message);
}

// The body with it erased; as it is where it has nothing of it.
absl::StatusOr<Value> BodyWithout(const Forgotten& forgotten, const ResourceType& type,
                                  const Value& body) {
  if (storage::IsNull(body)) return body;
  const std::unique_ptr<Message> resource = type.New();
  RETURN_IF_ERROR(ParseBody(body, *resource));
  if (!EraseIn(forgotten, *resource)) return body;
  return Bytes{Serialize(*resource)};
}

}  // namespace

bool EraseTextIn(Message& message, std::string_view text) {
  TraitsSet scratch;
  return EraseAs(TraitsOf(message.GetDescriptor(), scratch), message, text);
}

void ForEachErasableText(Message& message, const std::function<void(const std::string&)>& visit) {
  TraitsSet scratch;
  VisitNames(TraitsOf(message.GetDescriptor(), scratch), message, visit);
}

absl::StatusOr<std::vector<std::string>> NamesOfContaining(Transaction& tx, const Dialect& dialect,
                                                           const ResourceType& type,
                                                           std::string_view text) {
  // So many at once: a statement that went through all would take too long on a large store.
  constexpr int64_t kPage = 1000;
  const std::string sql = absl::StrCat("SELECT name, CASE WHEN ", Contains(dialect, "message"),
                                       " THEN 1 ELSE 0 END FROM ", type.plural,
                                       " WHERE name > ? ORDER BY name LIMIT ?");
  std::vector<std::string> names;
  std::string last;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<Row> rows,
                     tx.Query(sql, {Bytes{std::string(text)}, last, kPage}));
    if (rows.empty()) return names;
    for (const Row& row : rows) {
      if (storage::AsInt(row[1]) == 1) names.push_back(storage::AsText(row[0]));
    }
    last = storage::AsText(rows.back()[0]);
  }
}

absl::Status Remove(Transaction& tx, const ResourceType& type, const std::string& name) {
  RETURN_IF_ERROR(tx.Send(absl::StrCat("DELETE FROM ", type.plural, " WHERE name = ?"), {name}));
  RETURN_IF_ERROR(tx.Send("DELETE FROM resource_references WHERE referrer = ?", {name}));
  return RemoveFromIndex(tx, name);
}

Condition ChangesOf(const Forgotten& forgotten) {
  if (forgotten.what == Forgotten::What::kText) return {"TRUE", {}};
  return {"resource = ?", {forgotten.text}};
}

bool MayTell(const Forgotten& forgotten, const Value& body) {
  if (forgotten.what != Forgotten::What::kText) return !storage::IsNull(body);
  return absl::StrContains(storage::AsBytes(body), forgotten.text);
}

bool MayTell(const Forgotten& forgotten, const std::string& resource, const std::string& reply) {
  if (forgotten.what != Forgotten::What::kText) {
    if (resource == forgotten.text) return true;
    if (!resource.empty()) return false;  // others are within the replies of batches and the like
  }
  return absl::StrContains(reply, forgotten.text);
}

absl::Status ForgetInChange(Transaction& tx, const Registry& registry, const Forgotten& forgotten,
                            int64_t seq) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT type, before_body, after_body FROM changes WHERE seq = ?", {seq}));
  if (rows.empty()) return absl::OkStatus();
  Value before;
  Value after;
  if (forgotten.what != Forgotten::What::kResource) {
    const ResourceType* type = registry.FindType(storage::AsText(rows[0][0]));
    if (type == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(before, BodyWithout(forgotten, *type, rows[0][1]));
    ASSIGN_OR_RETURN(after, BodyWithout(forgotten, *type, rows[0][2]));
  }
  return tx.Send("UPDATE changes SET before_body = ?, after_body = ? WHERE seq = ?",
                 {before, after, seq});
}

absl::Status ForgetInReply(Transaction& tx, const Forgotten& forgotten, const std::string& caller,
                           const std::string& request_id) {
  if (forgotten.what == Forgotten::What::kResource) {
    return tx.Send("DELETE FROM replays WHERE caller = ? AND request_id = ?", {caller, request_id});
  }
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT method, reply FROM replays WHERE caller = ? AND request_id = ?",
                            {caller, request_id}));
  if (rows.empty()) return absl::OkStatus();
  const auto* method =
      DescriptorPool::generated_pool()->FindMethodByName(storage::AsText(rows[0][0]));
  if (method == nullptr) return absl::OkStatus();
  const std::unique_ptr<Message> reply = NewMessage(*method->output_type());
  RETURN_IF_ERROR(ParseBody(rows[0][1], *reply));
  if (!EraseIn(forgotten, *reply)) return absl::OkStatus();
  return tx.Send(
      "UPDATE replays SET request_hash = ?, reply = ? WHERE caller = ? AND request_id = ?",
      {Bytes{RandomBytes(32)}, Bytes{Serialize(*reply)}, caller, request_id});
}

}  // namespace baliprocess::resource
