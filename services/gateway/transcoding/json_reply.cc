#include "services/gateway/transcoding/json_reply.h"

#include "google/api/httpbody.pb.h"

#include "services/gateway/transcoding/json_writer.h"

namespace baliprocess::gateway {

using google::api::HttpBody;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool RepliesHttpBody(const Binding& binding) {
  const FieldDescriptor* field = binding.response_field;
  if (field == nullptr) return IsHttpBody(binding.method->output_type());
  return !field->is_repeated() && IsHttpBody(field->message_type());
}

ReplyContent ContentOf(const Binding& binding, const Message& reply) {
  const FieldDescriptor* field = binding.response_field;
  if (RepliesHttpBody(binding)) {
    const Message& body =
        field == nullptr ? reply : reply.GetReflection()->GetMessage(reply, field);
    const auto get = [&](int number) {
      return body.GetReflection()->GetString(body, body.GetDescriptor()->FindFieldByNumber(number));
    };
    return {get(HttpBody::kContentTypeFieldNumber), get(HttpBody::kDataFieldNumber)};
  }
  ReplyContent content{kJsonType, ""};
  if (field == nullptr) {
    AppendJson(reply, content.data);
  } else {
    AppendJsonField(reply, *field, content.data);
  }
  return content;
}

}  // namespace baliprocess::gateway
