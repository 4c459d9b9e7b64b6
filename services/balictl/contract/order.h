// The order in which things that refer to each other can be made.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_ORDER_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_ORDER_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {

// The names that a resource needs to exist: its parent, and what its resource_reference fields
// refer to, nested ones included.
std::vector<std::string> NeedsOf(const ResourceKind& kind,
                                 const google::protobuf::Message& resource);

// Services, each after those that its resources refer to, otherwise by name. `needs` are what the
// resources of each service need. An error when services refer to each other in a circle.
absl::StatusOr<std::vector<std::string>> ServiceOrder(
    const std::map<std::string, std::vector<std::string>>& needs);

// Indices such that everything comes after what it needs; otherwise as it was. `needs[i]` are what
// the thing `names[i]` needs; names that aren't among `names` don't count, nor does a thing's need
// of itself. An error when things need each other in a circle, which it names.
absl::StatusOr<std::vector<size_t>> DependencyOrder(
    const std::vector<std::string>& names, const std::vector<std::vector<std::string>>& needs);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_ORDER_H_
