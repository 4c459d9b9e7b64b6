// A call that changes a resource, and what it changed.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_MUTATION_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_MUTATION_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

// The flags of all commands that change a resource: --dry_run, --output.
std::vector<Flag> MutationFlags();

// Makes the call with a new request_id, again where the failure is passing, and prints what it
// changed: the fields of `subject` before and after, or with `--output json` the reply. With
// --dry_run nothing is written, and what would change is printed. `subject` is a resource, or "":
// no resource is there before.
absl::Status Mutate(Connection& connection, const google::protobuf::MethodDescriptor& method,
                    google::protobuf::Message& request, const std::string& subject,
                    const Arguments& arguments, Io& io);

// The resource of this name.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> GetResource(Connection& connection,
                                                                       const ResourceKind& kind,
                                                                       const std::string& name);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_MUTATION_H_
