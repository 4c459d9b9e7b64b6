#include "common/resource/engine/upkeep.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "baliprocess/common/v1/upkeep.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::resource {
namespace {

using common::v1::EraseNamesRequest;
using common::v1::EraseNamesResponse;
using common::v1::ListDanglingReferencesRequest;
using common::v1::ListDanglingReferencesResponse;
using common::v1::PurgeDeletedRequest;
using common::v1::PurgeDeletedResponse;
using google::protobuf::Message;
using storage::Row;

constexpr int kDefaultPage = 100;
constexpr int kLargestPage = 1000;
// Between the two names of a reference in a page token; no name has it.
constexpr char kBetween = '\n';

int PageSizeOf(int asked) { return asked == 0 ? kDefaultPage : std::min(asked, kLargestPage); }

// Pages are of references as they are kept, whether they dangle or not: all are asked for at once.
absl::Status ListDanglingReferences(Scope& scope, const ListDanglingReferencesRequest& request,
                                    ListDanglingReferencesResponse& reply) {
  ASSIGN_OR_RETURN(const std::string key, scope.OpenPageToken(request));
  const std::vector<std::string> from = absl::StrSplit(key, kBetween);
  const int size = PageSizeOf(request.page_size());
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   scope.tx().Query("SELECT referrer, target FROM resource_references "
                                    "WHERE (referrer, target) > (?, ?) "
                                    "ORDER BY referrer, target LIMIT ?",
                                    {from[0], from.size() > 1 ? from[1] : "", int64_t{size}}));
  absl::Status unanswered;
  for (const Row& row : rows) {
    const std::string target = storage::AsText(row[1]);
    const google::protobuf::Descriptor* type = MessageOfName(target);
    if (type == nullptr || scope.registry().Find(type) != nullptr) continue;
    const absl::StatusOr<bool> exists = scope.ExistsAtPeer(*type, target);
    if (IsUnanswered(exists.status())) {
      unanswered = exists.status();  // go on: what else must be asked for?
      continue;
    }
    RETURN_IF_ERROR(exists.status());
    if (*exists) continue;
    auto& reference = *reply.add_references();
    reference.set_resource(storage::AsText(row[0]));
    reference.set_target(target);
  }
  RETURN_IF_ERROR(unanswered);
  if (rows.size() < static_cast<size_t>(size)) return absl::OkStatus();
  reply.set_next_page_token(scope.SealPageToken(
      request, absl::StrCat(storage::AsText(rows.back()[0]), std::string(1, kBetween),
                            storage::AsText(rows.back()[1]))));
  return absl::OkStatus();
}

absl::Status PurgeDeleted(Scope& scope, const PurgeDeletedRequest& request, PurgeDeletedResponse&) {
  const ResourceType* type = scope.registry().FindName(request.name());
  if (type == nullptr) return NotFound(request.name());
  const std::unique_ptr<Message> resource = type->New();
  RETURN_IF_ERROR(scope.GetAnyInto(*type, request.name(), *resource));
  RETURN_IF_ERROR(scope.CheckEtag(*resource, request.etag()));
  if (!type->IsDeleted(*resource)) {
    return WrongState(request.name(), "live", "only what is deleted is removed for good");
  }
  return scope.Purge(*resource);
}

absl::Status EraseNames(Scope& scope, const EraseNamesRequest& request, EraseNamesResponse& reply) {
  ASSIGN_OR_RETURN(const std::vector<std::string> erased, scope.EraseText(request.display_name()));
  for (const std::string& name : erased) reply.add_resources(name);
  return absl::OkStatus();
}

}  // namespace

void BindUpkeep(Engine& engine, rpc::MethodTable& table) {
  engine.BindLongRead(table, "ListDanglingReferences", ListDanglingReferences);
  engine.BindErasure(table, "PurgeDeleted", PurgeDeleted);
  engine.BindErasure(table, "EraseNames", EraseNames);
}

}  // namespace baliprocess::resource
