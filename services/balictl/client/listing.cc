#include "services/balictl/client/listing.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"

namespace baliprocess::balictl {

using google::protobuf::Message;

namespace {
constexpr int kPageSize = 1000;
}  // namespace

absl::Status ListEach(Connection& connection, const Collection& collection,
                      const std::string& filter,
                      const std::function<void(std::unique_ptr<Message>)>& take) {
  const ResourceKind& kind = *collection.kind;
  const auto request = NewMessage(*kind.list->input_type());
  if (!collection.parent.empty()) SetText(*request, "parent", collection.parent);
  SetText(*request, "filter", filter);
  SetNumber(*request, "page_size", kPageSize);
  std::string next;
  do {
    const auto page = NewMessage(*kind.list->output_type());
    RETURN_IF_ERROR(connection.CallPersistently(*kind.list, *request, *page));
    const auto* reflection = page->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*page, kind.items); ++i) {
      auto resource = NewMessage(*kind.message);
      resource->CopyFrom(reflection->GetRepeatedMessage(*page, kind.items, i));
      take(std::move(resource));
    }
    next = GetText(*page, "next_page_token");
    SetText(*request, "page_token", next);
  } while (!next.empty());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::unique_ptr<Message>>> ListAll(Connection& connection,
                                                              const Collection& collection,
                                                              const std::string& filter) {
  std::vector<std::unique_ptr<Message>> resources;
  RETURN_IF_ERROR(ListEach(connection, collection, filter, [&](std::unique_ptr<Message> resource) {
    resources.push_back(std::move(resource));
  }));
  return resources;
}

}  // namespace baliprocess::balictl
