// The reply to a call by HTTP: a message as the binding's rule has it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_REPLY_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_REPLY_H_

#include <google/protobuf/message.h>

#include <string>

#include "services/gateway/transcoding/binding.h"

namespace baliprocess::gateway {

inline constexpr char kJsonType[] = "application/json";

// A reply, or one message of a stream of replies.
struct ReplyContent {
  std::string type;  // the media type; of an HttpBody in a stream, often in the first message alone
  std::string data;
};

// Whether replies are google.api.HttpBody (the reply, or the field that `response_body` names):
// their media type and their bytes as they are, pieces of one whole if the method is a stream. All
// other replies are JSON; a stream of those is a JSON text a message.
bool RepliesHttpBody(const Binding& binding);

// What is sent for a reply, a message of `binding.method->output_type()`. JSON is in the form that
// json_writer.h tells, on one line without an end of line. Where `response_body` names a field with
// presence that isn't set, the JSON is null, and an HttpBody is empty.
ReplyContent ContentOf(const Binding& binding, const google::protobuf::Message& reply);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_REPLY_H_
