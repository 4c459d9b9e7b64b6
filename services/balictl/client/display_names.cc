#include "services/balictl/client/display_names.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kNamesInFilter = 100;  // a filter has 200 comparisons at most

// `name = "members/aus" OR name = "members/nzl"`.
std::string AnyOf(const std::vector<std::string>& names) {
  return absl::StrJoin(names, " OR ", [](std::string* out, const std::string& name) {
    absl::StrAppend(out, "name = \"", name, "\"");
  });
}

}  // namespace

absl::StatusOr<DisplayNames> DisplayNames::Of(Connection& connection,
                                              const std::set<std::string>& resources) {
  std::map<const ResourceKind*, std::vector<std::vector<std::string>>> asked;
  for (const std::string& name : resources) {
    const auto kind = KindOfName(name);
    if (!kind.ok() || !(*kind)->message->FindFieldByName("display_name")) continue;
    auto& batches = asked[*kind];
    if (batches.empty() || batches.back().size() == kNamesInFilter) batches.emplace_back();
    batches.back().push_back(name);
  }
  DisplayNames names;
  for (const auto& [kind, batches] : asked) {
    for (const auto& batch : batches) {
      ASSIGN_OR_RETURN(const auto found,
                       ListAll(connection, {kind, kind->pattern.AnyParent()}, AnyOf(batch)));
      for (const auto& resource : found) {
        names.names_[GetText(*resource, "name")] = GetText(*resource, "display_name");
      }
    }
  }
  return names;
}

std::string DisplayNames::Get(const std::string& resource) const {
  const auto found = names_.find(resource);
  return found == names_.end() ? "" : found->second;
}

std::string DisplayNames::Call(const std::string& resource) const {
  const std::string name = Get(resource);
  return name.empty() ? resource : absl::StrCat(name, " (", resource, ")");
}

}  // namespace baliprocess::balictl
