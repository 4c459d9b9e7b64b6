#include "services/balictl/contract/order.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/resource.pb.h"

#include "common/base/status_macros.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void AddReferences(const Message& message, std::vector<std::string>& names) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    const bool refers = field->options().HasExtension(google::api::resource_reference);
    for (int i = 0; i < count; ++i) {
      if (field->message_type()) {
        AddReferences(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                           : reflection->GetMessage(message, field),
                      names);
      } else if (refers) {
        names.push_back(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                             : reflection->GetString(message, field));
      }
    }
  }
}

// A circle among the things that are left, as `a -> b -> a`. Each of them waits for another.
std::string Circle(const std::vector<std::string>& names,
                   const std::vector<std::vector<size_t>>& waits_for,
                   const std::vector<size_t>& missing) {
  const auto first = std::find_if(missing.begin(), missing.end(), [](size_t n) { return n > 0; });
  size_t at = static_cast<size_t>(first - missing.begin());
  std::vector<size_t> path;
  while (std::find(path.begin(), path.end(), at) == path.end()) {
    path.push_back(at);
    at = *std::find_if(waits_for[at].begin(), waits_for[at].end(),
                       [&](size_t other) { return missing[other] > 0; });
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), at));
  path.push_back(at);
  return absl::StrJoin(path, " -> ",
                       [&](std::string* out, size_t i) { absl::StrAppend(out, names[i]); });
}

}  // namespace

std::vector<std::string> NeedsOf(const ResourceKind& kind, const Message& resource) {
  std::vector<std::string> names;
  const std::string name = GetText(resource, "name");
  if (!kind.pattern.IsTopLevel()) names.emplace_back(kind.pattern.Parent(name));
  AddReferences(resource, names);
  return names;
}

absl::StatusOr<std::vector<std::string>> ServiceOrder(
    const std::map<std::string, std::vector<std::string>>& needs) {
  std::vector<std::string> services;
  std::vector<std::vector<std::string>> services_needed;
  for (const auto& [service, names] : needs) {
    services.push_back(service);
    std::vector<std::string>& needed = services_needed.emplace_back();
    for (const std::string& name : names) {
      if (const auto kind = KindOfName(name); kind.ok()) needed.push_back((*kind)->service);
    }
  }
  ASSIGN_OR_RETURN(const auto order, DependencyOrder(services, services_needed));
  std::vector<std::string> ordered;
  ordered.reserve(order.size());
  for (const size_t i : order) ordered.push_back(services[i]);
  return ordered;
}

absl::StatusOr<std::vector<size_t>> DependencyOrder(
    const std::vector<std::string>& names, const std::vector<std::vector<std::string>>& needs) {
  std::unordered_map<std::string, size_t> index;
  for (size_t i = 0; i < names.size(); ++i) index.emplace(names[i], i);
  std::vector<std::vector<size_t>> waits_for(names.size());
  std::vector<std::vector<size_t>> awaited_by(names.size());
  std::vector<size_t> missing(names.size(), 0);  // how many of its needs aren't in the order yet
  for (size_t i = 0; i < names.size(); ++i) {
    for (const std::string& need : needs[i]) {
      const auto found = index.find(need);
      if (found == index.end() || found->second == i) continue;
      waits_for[i].push_back(found->second);
      awaited_by[found->second].push_back(i);
      ++missing[i];
    }
  }
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t i = 0; i < names.size(); ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<size_t> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const size_t waiting : awaited_by[order.back()]) {
      if (--missing[waiting] == 0) ready.push(waiting);
    }
  }
  if (order.size() < names.size()) {
    return absl::FailedPreconditionError(
        absl::StrCat("these refer to each other in a circle: ", Circle(names, waits_for, missing)));
  }
  return order;
}

}  // namespace baliprocess::balictl
