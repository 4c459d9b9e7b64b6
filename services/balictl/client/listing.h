// Whole collections.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_LISTING_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_LISTING_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {

// Each resource of a collection that the filter (AIP-160; empty: none) selects and the caller sees,
// page by page: what `take` doesn't keep takes no memory.
absl::Status ListEach(Connection& connection, const Collection& collection,
                      const std::string& filter,
                      const std::function<void(std::unique_ptr<google::protobuf::Message>)>& take);

// All resources of a collection that the filter (AIP-160; empty: none) selects and the caller sees,
// by name: as many pages as it takes.
absl::StatusOr<std::vector<std::unique_ptr<google::protobuf::Message>>> ListAll(
    Connection& connection, const Collection& collection, const std::string& filter = "");

// The same of a collection by its path, as messages of its type.
template <typename Resource>
absl::StatusOr<std::vector<Resource>> ListOf(Connection& connection, const std::string& collection,
                                             const std::string& filter = "") {
  ASSIGN_OR_RETURN(const Collection found, FindCollection(collection));
  ASSIGN_OR_RETURN(const auto messages, ListAll(connection, found, filter));
  std::vector<Resource> resources;
  resources.reserve(messages.size());
  for (const auto& message : messages) resources.push_back(static_cast<const Resource&>(*message));
  return resources;
}

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_LISTING_H_
