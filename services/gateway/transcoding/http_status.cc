#include "services/gateway/transcoding/http_status.h"

#include "google/rpc/code.pb.h"

#include "services/gateway/transcoding/json_writer.h"

namespace baliprocess::gateway {

int HttpStatusOf(int code) {
  switch (code) {
    case google::rpc::OK:
      return 200;
    case google::rpc::INVALID_ARGUMENT:
    case google::rpc::FAILED_PRECONDITION:
    case google::rpc::OUT_OF_RANGE:
      return 400;
    case google::rpc::UNAUTHENTICATED:
      return 401;
    case google::rpc::PERMISSION_DENIED:
      return 403;
    case google::rpc::NOT_FOUND:
      return 404;
    case google::rpc::ALREADY_EXISTS:
    case google::rpc::ABORTED:
      return 409;
    case google::rpc::RESOURCE_EXHAUSTED:
      return 429;
    case google::rpc::CANCELLED:
      return 499;
    case google::rpc::UNIMPLEMENTED:
      return 501;
    case google::rpc::UNAVAILABLE:
      return 503;
    case google::rpc::DEADLINE_EXCEEDED:
      return 504;
    default:  // UNKNOWN, INTERNAL, DATA_LOSS
      return 500;
  }
}

std::string ErrorJson(const google::rpc::Status& status) {
  std::string json;
  AppendJson(status, json);
  return json;
}

}  // namespace baliprocess::gateway
