#include "common/resource/store/replay.h"

#include <google/protobuf/descriptor.h>

#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "google/api/resource.pb.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using storage::Bytes;
using storage::Row;
using storage::Transaction;

// Whether `message` is the resource called `name`, or has it within; erases it there.
bool ScrubMessage(Message& message, const std::string& name) {
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
    if (!field->is_repeated()) {
      found |= ScrubMessage(*reflection->MutableMessage(&message, field), name);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      found |= ScrubMessage(*reflection->MutableRepeatedMessage(&message, field, i), name);
    }
  }
  return found;
}

std::unique_ptr<Message> NewReplyOf(const std::string& method) {
  const auto* descriptor = DescriptorPool::generated_pool()->FindMethodByName(method);
  if (descriptor == nullptr) return nullptr;
  return NewMessage(*descriptor->output_type());
}

// The name of the resource that a reply is; empty when it is something else, such as a batch, which
// may hold any.
std::string ResourceOf(const Message& reply) {
  const bool is_resource = reply.GetDescriptor()->options().HasExtension(google::api::resource);
  return is_resource ? StringField(reply, "name") : std::string();
}

// Erases the resource called `name` in the replies kept under `resource`.
absl::Status ScrubRepliesOf(Transaction& tx, const std::string& resource, const std::string& name) {
  constexpr int64_t kBatch = 500;
  std::string caller;
  std::string request_id;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<Row> rows,
                     tx.QueryUpTo({{"reply"}, kMaxPageBytes},
                                  "SELECT caller, request_id, method, reply FROM replays "
                                  "WHERE resource = ? AND (caller, request_id) > (?, ?) "
                                  "ORDER BY caller, request_id LIMIT ?",
                                  {resource, caller, request_id, kBatch}));
    if (rows.empty()) return absl::OkStatus();
    for (const Row& row : rows) {
      caller = storage::AsText(row[0]);
      request_id = storage::AsText(row[1]);
      const auto reply = NewReplyOf(storage::AsText(row[2]));
      if (reply == nullptr) continue;
      RETURN_IF_ERROR(ParseBody(row[3], *reply));
      if (!ScrubMessage(*reply, name)) continue;
      RETURN_IF_ERROR(
          tx.Send("UPDATE replays SET request_hash = ?, reply = ? "
                  "WHERE caller = ? AND request_id = ?",
                  {Bytes{RandomBytes(32)}, Bytes{Serialize(*reply)}, caller, request_id}));
    }
  }
}

}  // namespace

ReplayKey MakeReplayKey(std::string_view caller, std::string_view method, const Message& request) {
  const std::string id = StringField(request, "request_id");
  if (id.empty()) return {};
  ReplayKey key{std::string(caller), absl::AsciiStrToLower(id), std::string(method), ""};
  if (key.request_id == id && !HasInputOnly(request)) {
    key.request_hash = Sha256(Serialize(request));
    return key;
  }
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  ClearInputOnly(*copy);
  copy->GetReflection()->SetString(copy.get(), FieldOf(*copy, "request_id"), key.request_id);
  key.request_hash = Sha256(Serialize(*copy));
  return key;
}

absl::StatusOr<bool> FindReplay(Transaction& tx, const ReplayKey& key, Message& reply) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT method, request_hash, reply FROM replays "
                            "WHERE caller = ? AND request_id = ?",
                            {key.caller, key.request_id}));
  if (rows.empty()) return false;
  if (storage::AsText(rows[0][0]) != key.method ||
      storage::AsBytes(rows[0][1]) != key.request_hash) {
    return Error(api::v1::Error::REQUEST_ID_REUSED,
                 "this request_id was used for another request: make a new one for each request",
                 {{"request_id", key.request_id}});
  }
  RETURN_IF_ERROR(ParseBody(rows[0][2], reply));
  return true;
}

absl::Status AddReplay(Transaction& tx, const ReplayKey& key, absl::Time now,
                       const Message& reply) {
  return tx.Send(
      "INSERT INTO replays (caller, request_id, method, request_hash, reply, reply_time, "
      "resource) VALUES (?, ?, ?, ?, ?, ?, ?)",
      {key.caller, key.request_id, key.method, Bytes{key.request_hash}, Bytes{Serialize(reply)},
       absl::ToUnixMicros(now), ResourceOf(reply)});
}

absl::StatusOr<int64_t> RemoveReplays(Transaction& tx, absl::Time before, int limit) {
  return tx.Execute(
      "DELETE FROM replays WHERE (caller, request_id) IN "
      "(SELECT caller, request_id FROM replays WHERE reply_time < ? ORDER BY reply_time LIMIT ?)",
      {absl::ToUnixMicros(before), int64_t{limit}});
}

absl::Status ScrubReplays(Transaction& tx, const std::string& name) {
  RETURN_IF_ERROR(ScrubRepliesOf(tx, name, name));
  return ScrubRepliesOf(tx, "", name);
}

}  // namespace baliprocess::resource
