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

// The name of the resource that a reply is; empty when it is something else, such as a batch, which
// may hold any.
std::string ResourceOf(const Message& reply) {
  const bool is_resource = reply.GetDescriptor()->options().HasExtension(google::api::resource);
  return is_resource ? StringField(reply, "name") : std::string();
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
      "resource, erasing) VALUES (?, ?, ?, ?, ?, ?, ?, "
      "(SELECT COALESCE(MAX(number), 0) FROM erasures))",
      {key.caller, key.request_id, key.method, Bytes{key.request_hash}, Bytes{Serialize(reply)},
       absl::ToUnixMicros(now), ResourceOf(reply)});
}

absl::StatusOr<int64_t> RemoveReplays(Transaction& tx, absl::Time before, int limit) {
  return tx.Execute(
      "DELETE FROM replays WHERE (caller, request_id) IN "
      "(SELECT caller, request_id FROM replays WHERE reply_time < ? ORDER BY reply_time LIMIT ?)",
      {absl::ToUnixMicros(before), int64_t{limit}});
}

}  // namespace baliprocess::resource
