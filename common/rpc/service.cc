#include "common/rpc/service.h"

#include "common/base/status_macros.h"

namespace baliprocess::rpc {

absl::StatusOr<StreamSource::Next> StreamSource::PullBytes(SharedBytes&) {
  return absl::InternalError("this source shares no bytes");
}

absl::StatusOr<StreamSource::Next> SharedSource::Pull(google::protobuf::Message& reply) {
  SharedBytes bytes;
  ASSIGN_OR_RETURN(const Next next, PullBytes(bytes));
  if (next == Next::kMessage && !reply.ParseFromString(*bytes)) {
    return absl::InternalError("a prepared message can't be read");
  }
  return next;
}

}  // namespace baliprocess::rpc
