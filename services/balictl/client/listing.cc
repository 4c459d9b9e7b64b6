#include "services/balictl/client/listing.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"

namespace baliprocess::balictl {

using google::protobuf::Message;

namespace {
constexpr int kPageSize = 1000;
}  // namespace

absl::StatusOr<std::vector<std::unique_ptr<Message>>> ListAll(Connection& connection,
                                                              const Collection& collection,
                                                              const std::string& filter) {
  const ResourceKind& kind = *collection.kind;
  const auto request = NewMessage(*kind.list->input_type());
  if (!collection.parent.empty()) SetText(*request, "parent", collection.parent);
  SetText(*request, "filter", filter);
  SetNumber(*request, "page_size", kPageSize);
  std::vector<std::unique_ptr<Message>> resources;
  std::string next;
  do {
    const auto page = NewMessage(*kind.list->output_type());
    RETURN_IF_ERROR(connection.CallPersistently(*kind.list, *request, *page));
    const auto* reflection = page->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*page, kind.items); ++i) {
      auto& resource = resources.emplace_back(NewMessage(*kind.message));
      resource->CopyFrom(reflection->GetRepeatedMessage(*page, kind.items, i));
    }
    next = GetText(*page, "next_page_token");
    SetText(*request, "page_token", next);
  } while (!next.empty());
  return resources;
}

}  // namespace baliprocess::balictl
