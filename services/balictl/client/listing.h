// Whole collections.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_LISTING_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_LISTING_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

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

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_LISTING_H_
