// Commands for operators call services themselves: several, if need be.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_STORE_SERVERS_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_STORE_SERVERS_H_

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

// The flags of a command that connects to services, its own first: --server may be given for each.
std::vector<Flag> WithServers(std::vector<Flag> flags);

// A connection as the flags say, but to this address.
absl::StatusOr<std::unique_ptr<Connection>> OpenAt(const Arguments& arguments,
                                                   const std::string& server);

// A method of StoreService (baliprocess/operate/v1/store_service.proto).
const google::protobuf::MethodDescriptor& StoreMethod(const std::string& name);

// The error, which says at which address it was met.
absl::Status At(const std::string& server, absl::Status status);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_STORE_SERVERS_H_
