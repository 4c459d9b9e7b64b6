#include "services/gateway/transcoding/json_request.h"

#include <google/protobuf/text_format.h>

#include <memory>
#include <string>

#include "google/api/httpbody.pb.h"

#include "common/base/status_macros.h"
#include "services/gateway/transcoding/json_reader.h"
#include "services/gateway/transcoding/scalar.h"

namespace baliprocess::gateway {
namespace {

using google::api::HttpBody;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

// Of a scalar field.
std::string Printed(const Message& message, const FieldDescriptor& field) {
  std::string text;
  TextFormat::PrintFieldValueToString(message, &field, -1, &text);
  return text;
}

// Sets the field at the end of the way. Returns "", or the rule that is broken.
std::string SetOnce(const FieldPath& fields, std::string_view text, Message& request) {
  Message* message = &request;
  for (size_t i = 0;; ++i) {
    std::string rule = WhyNotBeside(*message, *fields[i]);
    if (!rule.empty()) return rule;
    if (i + 1 == fields.size()) break;
    message = message->GetReflection()->MutableMessage(message, fields[i]);
  }
  const FieldDescriptor& field = *fields.back();
  const bool given = message->GetReflection()->HasField(*message, &field);
  const std::string before = given ? Printed(*message, field) : "";
  std::string rule = SetValue(*message, field, Scalar::Word(text));
  if (rule.empty() && given && Printed(*message, field) != before) {
    return "is given twice, with different values";
  }
  return rule;
}

void SetHttpBody(const HttpContent& content, Message& message) {
  const auto& type = *message.GetDescriptor();
  const auto& reflection = *message.GetReflection();
  reflection.SetString(&message, type.FindFieldByNumber(HttpBody::kContentTypeFieldNumber),
                       std::string(content.type));
  reflection.SetString(&message, type.FindFieldByNumber(HttpBody::kDataFieldNumber),
                       std::string(content.data));
}

absl::Status ReadBody(const Binding& binding, const HttpContent& content, Message& request,
                      Violations& violations) {
  if (TakesHttpBody(binding)) {
    SetHttpBody(content,
                binding.body == Binding::Body::kAll
                    ? request
                    : *request.GetReflection()->MutableMessage(&request, binding.body_field));
    return absl::OkStatus();
  }
  if (content.data.empty()) return absl::OkStatus();
  switch (binding.body) {
    case Binding::Body::kNone:
      return Error(api::v1::Error::MALFORMED_REQUEST, "the method takes no body");
    case Binding::Body::kAll:
      return ReadJson(content.data, request, violations);
    case Binding::Body::kField:
      return ReadJsonField(content.data, *binding.body_field, request, violations);
  }
  return absl::OkStatus();
}

}  // namespace

bool TakesHttpBody(const Binding& binding) {
  switch (binding.body) {
    case Binding::Body::kNone:
      return false;
    case Binding::Body::kAll:
      return IsHttpBody(binding.method->input_type());
    case Binding::Body::kField:
      return !binding.body_field->is_repeated() && IsHttpBody(binding.body_field->message_type());
  }
  return false;
}

absl::Status ReadRequest(const Match& match, const QueryParameters& query,
                         const HttpContent& content, Message& request) {
  const Binding& binding = *match.binding;
  Violations violations;
  RETURN_IF_ERROR(ReadBody(binding, content, request, violations));
  ReadQuery(binding, query, request, violations);
  for (size_t i = 0; i < binding.variables.size(); ++i) {
    const std::string rule = SetOnce(binding.variables[i], match.values[i], request);
    if (!rule.empty()) violations.Add(binding.path_template.variables[i].field_path, rule);
  }
  return violations.ToStatus();
}

absl::Status SetFromText(Message& request, std::string_view path, std::string_view text) {
  const FieldPath fields = FindFieldPath(*request.GetDescriptor(), path);
  if (fields.empty() || fields.back()->message_type() != nullptr) {
    return InvalidField(path, "isn't a field of the request");
  }
  const std::string rule = SetOnce(fields, text, request);
  return rule.empty() ? absl::OkStatus() : InvalidField(path, rule);
}

}  // namespace baliprocess::gateway
