// What a caller may not see of a reply, taken out of it: by the visibility of fields, and by who
// takes part in what a resource stands for (api.v1.Participants).

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_REDACTOR_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_REDACTOR_H_

#include <google/protobuf/message.h>

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"

#include "common/resource/store/resource_type.h"
#include "common/resource/store/table.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Used by one thread, within one transaction.
class Redactor {
 public:
  // All outlive the redactor.
  Redactor(const Registry& registry, storage::Transaction& tx, const Viewer& viewer)
      : registry_(registry), tx_(tx), viewer_(viewer) {}

  // Clears what the viewer may not see in a message of whatever type, the resources within it
  // included. What it takes part in is asked of the store once for each type, and only where a
  // field of a resource depends on it. An error of the store leaves the message redacted.
  absl::Status Redact(google::protobuf::Message& message);

  // Whether replies with resources of the type may make Redact ask the store.
  static bool MayAsk(const ResourceType& type, const Viewer& viewer);

 private:
  bool TakesPart(const google::protobuf::Message& resource);

  const Registry& registry_;
  storage::Transaction& tx_;
  const Viewer viewer_;
  std::map<const ResourceType*, std::set<std::string>> taking_part_;  // names, by type
  absl::Status status_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_REDACTOR_H_
