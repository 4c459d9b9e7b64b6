#include "common/resource/store/name_search.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "common/resource/store/forgetting.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using storage::Database;
using storage::Row;
using storage::Transaction;
using storage::Value;
using Visit = std::function<void(const std::string& text)>;

constexpr int64_t kPage = 200;

// Reads all rows of `sql`, a SELECT whose first columns are its order, from `first` (exclusive) on.
absl::Status ForEachRow(Database& database, std::vector<std::string_view> bodies,
                        const std::string& sql, std::vector<Value> first,
                        const std::function<absl::Status(const Row&)>& take) {
  const size_t keys = first.size();
  while (true) {
    std::vector<Row> rows;
    const absl::Status status = database.ReadOne([&](Transaction& tx) -> absl::Status {
      std::vector<Value> params = first;
      params.emplace_back(kPage);
      ASSIGN_OR_RETURN(rows, tx.QueryUpTo({bodies, kMaxPageBytes}, sql, params));
      return absl::OkStatus();
    });
    RETURN_IF_ERROR(status);
    if (rows.empty()) return absl::OkStatus();
    for (const Row& row : rows) RETURN_IF_ERROR(take(row));
    first.assign(rows.back().begin(), rows.back().begin() + static_cast<int64_t>(keys));
  }
}

absl::Status VisitBody(const Value& body, Message& message, const Visit& visit) {
  if (storage::IsNull(body)) return absl::OkStatus();
  RETURN_IF_ERROR(ParseBody(body, message));
  ForEachErasableText(message, visit);
  return absl::OkStatus();
}

absl::Status InResources(Database& database, const ResourceType& type, const Visit& visit) {
  const std::unique_ptr<Message> resource = type.New();
  return ForEachRow(database, {"message"},
                    absl::StrCat("SELECT name, message FROM ", type.plural,
                                 " WHERE name > ? ORDER BY name LIMIT ?"),
                    {std::string()},
                    [&](const Row& row) { return VisitBody(row[1], *resource, visit); });
}

absl::Status InChanges(Database& database, const Registry& registry, const Visit& visit) {
  return ForEachRow(database, {"before_body", "after_body"},
                    "SELECT seq, type, before_body, after_body FROM changes WHERE seq > ? "
                    "ORDER BY seq LIMIT ?",
                    {int64_t{0}}, [&](const Row& row) -> absl::Status {
                      const ResourceType* type = registry.FindType(storage::AsText(row[1]));
                      if (type == nullptr) return absl::OkStatus();
                      const std::unique_ptr<Message> resource = type->New();
                      RETURN_IF_ERROR(VisitBody(row[2], *resource, visit));
                      return VisitBody(row[3], *resource, visit);
                    });
}

absl::Status InReplies(Database& database, const Visit& visit) {
  return ForEachRow(database, {"reply"},
                    "SELECT caller, request_id, method, reply FROM replays WHERE "
                    "(caller, request_id) > (?, ?) ORDER BY caller, request_id LIMIT ?",
                    {std::string(), std::string()}, [&](const Row& row) -> absl::Status {
                      const auto* method = DescriptorPool::generated_pool()->FindMethodByName(
                          storage::AsText(row[2]));
                      if (method == nullptr) return absl::OkStatus();
                      return VisitBody(row[3], *NewMessage(*method->output_type()), visit);
                    });
}

}  // namespace

absl::Status ForEachErasableText(Database& database, const Registry& registry, const Visit& visit) {
  for (const auto& type : registry.types()) {
    RETURN_IF_ERROR(InResources(database, *type, visit));
  }
  RETURN_IF_ERROR(InChanges(database, registry, visit));
  return InReplies(database, visit);
}

}  // namespace baliprocess::resource
