// One HTTP binding of a method: what a google.api.HttpRule says (google/api/http.proto), checked.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_BINDING_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_BINDING_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/api/http.pb.h"

#include "common/base/descriptors.h"
#include "services/gateway/transcoding/path_template.h"

namespace baliprocess::gateway {

struct Binding {
  enum class Body {
    kNone,   // the request has no body
    kAll,    // the body is the request message, but for what the path has
    kField,  // the body is one field of the request message
  };

  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;  // such as `GET`; `*` is any
  std::string path;         // the template as the rule has it
  PathTemplate path_template;
  std::vector<FieldPath> variables;  // the fields of path_template.variables, in their order
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;      // set for kField alone
  const google::protobuf::FieldDescriptor* response_field = nullptr;  // null: the whole reply
};

// The binding that one rule gives a method, its additional bindings left aside. INVALID_ARGUMENT,
// naming the method: the template is wrong; a variable isn't a single field of a scalar type;
// `body` or `response_body` isn't a field; a GET has a body.
absl::StatusOr<Binding> MakeBinding(const google::protobuf::MethodDescriptor& method,
                                    const google::api::HttpRule& rule);

// Whether the method changes something, as its `idempotency_level` says.
bool IsMutation(const google::protobuf::MethodDescriptor& method);

// Whether a type is google.api.HttpBody: bytes with a media type, which aren't written as JSON.
bool IsHttpBody(const google::protobuf::Descriptor* type);

// The single string of this name that a type has, such as `etag`; null when it has none, or when
// `type` is null.
const google::protobuf::FieldDescriptor* FindText(const google::protobuf::Descriptor* type,
                                                  const char* name);

// Where the request of the binding's method says which version of a resource the method is for,
// such as `etag` or `member.etag`; empty: nowhere. What is sent to be created has none.
std::string EtagPathOf(const Binding& binding);

// The value of the single string of this name; empty when the message's type has none.
std::string TextIn(const google::protobuf::Message& message, const char* name);

// The single int64 `offset` of a request, in bytes: where the service begins with a file that is
// its reply. Null when the request's type has none.
const google::protobuf::FieldDescriptor* FindOffset(const google::protobuf::Descriptor* request);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_BINDING_H_
