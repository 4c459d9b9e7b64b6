#include "services/gateway/web/json_call.h"

#include "services/gateway/transcoding/json_reply.h"

namespace baliprocess::gateway {

// A resource's etag is the same for all callers, who see different fields of it. So a cache that
// asked with the etag of one caller's reply would be told that it is good for another one (RFC
// 9111 4.3.4), also where `vary` has kept the two apart: none is to keep any.
void JsonCall::OnReply(const google::protobuf::Message& reply) {
  ReplyContent content = ContentOf(request().binding(), reply);
  etag_ = TextIn(reply, "etag");
  held_.fields = {{"content-type", std::move(content.type)},
                  {"cache-control", "no-store"},
                  {"vary", "authorization"}};
  held_.body = std::move(content.data);
}

void JsonCall::OnStatus(const google::rpc::Status& status) {
  if (status.code() != 0) return FinishWithError(status);
  Finish(std::move(held_), etag_);
}

}  // namespace baliprocess::gateway
