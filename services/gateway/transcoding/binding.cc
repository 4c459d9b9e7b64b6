#include "services/gateway/transcoding/binding.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::gateway {
namespace {

using google::api::HttpRule;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

absl::Status RuleError(const MethodDescriptor& method, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the google.api.http rule of ", method.full_name(),
                   " is wrong: ", absl::string_view(what.data(), what.size())));
}

// A method's name (RFC 9110 section 5.6.2) in the upper case that all but a few exotic ones have.
bool IsHttpMethod(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isupper(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

absl::Status ReadPattern(const MethodDescriptor& method, const HttpRule& rule, Binding& binding) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      binding.http_method = "GET";
      binding.path = rule.get();
      break;
    case HttpRule::kPut:
      binding.http_method = "PUT";
      binding.path = rule.put();
      break;
    case HttpRule::kPost:
      binding.http_method = "POST";
      binding.path = rule.post();
      break;
    case HttpRule::kDelete:
      binding.http_method = "DELETE";
      binding.path = rule.delete_();
      break;
    case HttpRule::kPatch:
      binding.http_method = "PATCH";
      binding.path = rule.patch();
      break;
    case HttpRule::kCustom:
      binding.http_method = rule.custom().kind();
      binding.path = rule.custom().path();
      break;
    case HttpRule::PATTERN_NOT_SET:
      return RuleError(method, "it has no HTTP method");
  }
  if (binding.http_method != "*" && !IsHttpMethod(binding.http_method)) {
    return RuleError(method, absl::StrCat("'", binding.http_method, "' isn't an HTTP method"));
  }
  auto parsed = PathTemplate::Parse(binding.path);
  if (!parsed.ok()) {
    return RuleError(method, absl::StrCat("the path ", binding.path, " ",
                                          std::string(parsed.status().message())));
  }
  binding.path_template = *std::move(parsed);
  return absl::OkStatus();
}

absl::Status ReadVariables(const MethodDescriptor& method, Binding& binding) {
  for (const PathTemplate::Variable& variable : binding.path_template.variables) {
    FieldPath fields = FindFieldPath(*method.input_type(), variable.field_path);
    if (fields.empty() || fields.back()->message_type() != nullptr) {
      return RuleError(method, absl::StrCat("the variable ", variable.field_path,
                                            " isn't a single field of a scalar type"));
    }
    binding.variables.push_back(std::move(fields));
  }
  return absl::OkStatus();
}

absl::Status ReadBodies(const MethodDescriptor& method, const HttpRule& rule, Binding& binding) {
  if (!rule.body().empty()) {
    if (binding.http_method == "GET" || binding.http_method == "HEAD") {
      return RuleError(method, absl::StrCat(binding.http_method, " has no body"));
    }
    binding.body = rule.body() == "*" ? Binding::Body::kAll : Binding::Body::kField;
  }
  if (binding.body == Binding::Body::kField) {
    binding.body_field = method.input_type()->FindFieldByName(rule.body());
    if (binding.body_field == nullptr) {
      return RuleError(method, absl::StrCat("the body ", rule.body(), " isn't a field"));
    }
  }
  for (const FieldPath& variable : binding.variables) {
    if (variable.size() == 1 && variable[0] == binding.body_field) {
      return RuleError(method, absl::StrCat(rule.body(), " is in the path and the body"));
    }
  }
  if (rule.response_body().empty()) return absl::OkStatus();
  binding.response_field = method.output_type()->FindFieldByName(rule.response_body());
  if (binding.response_field == nullptr) {
    return RuleError(method,
                     absl::StrCat("the response body ", rule.response_body(), " isn't a field"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Binding> MakeBinding(const MethodDescriptor& method, const HttpRule& rule) {
  Binding binding;
  binding.method = &method;
  RETURN_IF_ERROR(ReadPattern(method, rule, binding));
  RETURN_IF_ERROR(ReadVariables(method, binding));
  RETURN_IF_ERROR(ReadBodies(method, rule, binding));
  return binding;
}

bool IsMutation(const MethodDescriptor& method) {
  return method.options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

bool IsHttpBody(const google::protobuf::Descriptor* type) {
  return type != nullptr && type->full_name() == "google.api.HttpBody";
}

const FieldDescriptor* FindText(const google::protobuf::Descriptor* type, const char* name) {
  const FieldDescriptor* field = type == nullptr ? nullptr : type->FindFieldByName(name);
  if (field == nullptr || field->is_repeated()) return nullptr;
  return field->type() == FieldDescriptor::TYPE_STRING ? field : nullptr;
}

std::string EtagPathOf(const Binding& binding) {
  if (FindText(binding.method->input_type(), "etag") != nullptr) return "etag";
  const FieldDescriptor* body = binding.body_field;
  const bool has_etag = body != nullptr && FindText(body->message_type(), "etag") != nullptr;
  return has_etag && binding.http_method != "POST" ? body->name() + ".etag" : "";
}

std::string TextIn(const google::protobuf::Message& message, const char* name) {
  const FieldDescriptor* field = FindText(message.GetDescriptor(), name);
  return field == nullptr ? std::string() : message.GetReflection()->GetString(message, field);
}

const FieldDescriptor* FindOffset(const google::protobuf::Descriptor* request) {
  const FieldDescriptor* field = request->FindFieldByName("offset");
  if (field == nullptr || field->is_repeated()) return nullptr;
  return field->type() == FieldDescriptor::TYPE_INT64 ? field : nullptr;
}

}  // namespace baliprocess::gateway
