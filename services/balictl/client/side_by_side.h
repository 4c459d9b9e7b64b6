// Calls beside each other, of which none waits for the reply to another.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_SIDE_BY_SIDE_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_SIDE_BY_SIDE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"

namespace baliprocess::balictl {

// Opens a connection more.
using Connect = std::function<absl::StatusOr<std::unique_ptr<Connection>>()>;

class SideBySide {
 public:
  struct Call {
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> reply;
    absl::Status status;
  };

  // `connect` may be null: then calls come one after another. It is asked when there are calls. The
  // connection outlives this.
  SideBySide(Connection& connection, Connect connect)
      : connection_(connection), connect_(std::move(connect)) {}

  // Makes calls of one method, in any order, eight at a time, each persistently.
  void Make(const google::protobuf::MethodDescriptor& method, std::vector<Call>& calls);

 private:
  void ConnectOnce();

  Connection& connection_;
  Connect connect_;  // null from the first calls on
  std::vector<std::unique_ptr<Connection>> others_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_SIDE_BY_SIDE_H_
