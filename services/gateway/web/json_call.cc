#include "services/gateway/web/json_call.h"

#include <google/protobuf/descriptor.h>

#include "services/gateway/transcoding/json_reply.h"

namespace baliprocess::gateway {
namespace {

std::string EtagIn(const google::protobuf::Message& reply) {
  using google::protobuf::FieldDescriptor;
  const FieldDescriptor* field = reply.GetDescriptor()->FindFieldByName("etag");
  const bool text =
      field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
  return text ? reply.GetReflection()->GetString(reply, field) : std::string();
}

}  // namespace

void JsonCall::OnReply(const google::protobuf::Message& reply) {
  ReplyContent content = ContentOf(request().binding(), reply);
  etag_ = EtagIn(reply);
  held_.fields = {{"content-type", std::move(content.type)},
                  {"cache-control", "private, no-cache"}};
  held_.body = std::move(content.data);
}

void JsonCall::OnStatus(const google::rpc::Status& status) {
  if (status.code() != 0) return FinishWithError(status);
  Finish(std::move(held_), etag_);
}

}  // namespace baliprocess::gateway
