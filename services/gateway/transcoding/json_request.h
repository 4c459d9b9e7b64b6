// The request message of a call by HTTP: from the path, the query and the body.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_REQUEST_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_REQUEST_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "absl/status/status.h"

#include "services/gateway/transcoding/bindings.h"
#include "services/gateway/transcoding/query.h"

namespace baliprocess::gateway {

// A body as it was sent, without content codings.
struct HttpContent {
  std::string_view type;  // of the header; only google.api.HttpBody has it
  std::string_view data;
};

// Whether the binding's body is google.api.HttpBody: bytes of any media type. All other bodies are
// application/json.
bool TakesHttpBody(const Binding& binding);

// Fills `request`, an empty message of `match.binding->method->input_type()` made by any factory.
// An empty body is an empty message, or an absent field.
//
// What the path has counts for its fields; a body may repeat it, but not differ from it.
//
// INVALID_ARGUMENT, with all broken rules of fields as INVALID_FIELDS and BadRequest, each by its
// path in the request (ReadQuery, ReadJson and SetValue tell what they are); MALFORMED_REQUEST if
// the body isn't JSON, or if there is one where the binding has none.
absl::Status ReadRequest(const Match& match, const QueryParameters& query,
                         const HttpContent& content, google::protobuf::Message& request);

// Sets a single field of a scalar type, `path` in the proto's spelling, to what a header says, such
// as `request_id` of Idempotency-Key. INVALID_FIELDS if the message has no such field, if the text
// isn't of its type, or if it has another value already.
absl::Status SetFromText(google::protobuf::Message& request, std::string_view path,
                         std::string_view text);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_REQUEST_H_
