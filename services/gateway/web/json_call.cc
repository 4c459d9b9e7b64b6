#include "services/gateway/web/json_call.h"

#include "services/gateway/transcoding/json_reply.h"

namespace baliprocess::gateway {

void JsonCall::OnReply(const google::protobuf::Message& reply) {
  ReplyContent content = ContentOf(request().binding(), reply);
  etag_ = TextIn(reply, "etag");
  held_.fields = {{"content-type", std::move(content.type)},
                  {"cache-control", "private, no-cache"}};
  held_.body = std::move(content.data);
}

void JsonCall::OnStatus(const google::rpc::Status& status) {
  if (status.code() != 0) return FinishWithError(status);
  Finish(std::move(held_), etag_);
}

}  // namespace baliprocess::gateway
