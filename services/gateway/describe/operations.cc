#include "services/gateway/describe/operations.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/access.pb.h"
#include "common/base/descriptors.h"
#include "common/resource/contract/columns.h"
#include "services/gateway/describe/parameters.h"
#include "services/gateway/describe/responses.h"
#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/transcoding/json_request.h"

namespace baliprocess::gateway {
namespace {

using api::v1::Access;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

bool IsResource(const Descriptor* message) {
  return message != nullptr && message->options().HasExtension(google::api::resource);
}

std::vector<std::string> RolesOf(const Access& access) {
  std::vector<std::string> roles;
  for (const int role : access.roles()) {
    roles.push_back(Access::Role_Name(static_cast<Access::Role>(role)));
  }
  return roles;
}

bool IsPublic(const Access& access) {
  const auto& roles = access.roles();
  return std::find(roles.begin(), roles.end(), Access::PUBLIC) != roles.end();
}

std::string AccessRemark(const Access& access) {
  if (IsPublic(access)) return "Open to everybody, without a token.";
  std::string remark =
      absl::StrCat("For callers with a role of: `", absl::StrJoin(RolesOf(access), "`, `"), "`.");
  if (!access.own_member_field().empty()) {
    absl::StrAppend(&remark, " A `MEMBER` for its own member alone, which `",
                    access.own_member_field(), "` names.");
  }
  if (!access.own_resource_field().empty()) {
    absl::StrAppend(&remark, " A `MEMBER` for its own resources alone, whose `",
                    access.own_resource_field(), "` names it.");
  }
  return remark;
}

// The resource that a method lists by a filter, or nullptr.
const Descriptor* ListedBy(const MethodDescriptor& method) {
  if (!FindText(method.input_type(), "filter")) return nullptr;
  for (int i = 0; i < method.output_type()->field_count(); ++i) {
    const FieldDescriptor* field = method.output_type()->field(i);
    if (field->is_repeated() && IsResource(field->message_type())) return field->message_type();
  }
  return nullptr;
}

// What can be ordered by is a single value (order_by.h of common/resource/query).
void AddFilterable(const MethodDescriptor& method, Json& operation) {
  const Descriptor* listed = ListedBy(method);
  if (listed == nullptr) return;
  Json filterable = Json::array();
  Json orderable = Json::array();
  for (const auto& column : resource::ColumnsOf(listed)) {
    filterable.push_back(column.path);
    if (column.kind != resource::ColumnKind::kTextList) orderable.push_back(column.path);
  }
  operation["x-filterable"] = std::move(filterable);
  if (FindText(method.input_type(), "order_by")) operation["x-orderable"] = std::move(orderable);
}

std::string FilterRemark(const MethodDescriptor& method) {
  const Descriptor* listed = ListedBy(method);
  if (listed == nullptr) return "";
  std::vector<std::string> paths;
  std::vector<std::string> lists;
  for (const auto& column : resource::ColumnsOf(listed)) {
    auto& those = column.kind == resource::ColumnKind::kTextList ? lists : paths;
    those.push_back(column.path);
  }
  std::string remark =
      absl::StrCat("\n\n`filter` and `order_by` take: `", absl::StrJoin(paths, "`, `"), "`.");
  if (!lists.empty()) {
    absl::StrAppend(&remark, " `filter` also takes the lists `", absl::StrJoin(lists, "`, `"),
                    "`.");
  }
  return remark;
}

Json SecurityOf(const Access& access) {
  const Json with_token = {{"bearer", Json::array()}};
  Json security = Json::array();
  if (IsPublic(access)) security.push_back(Json::object());
  security.push_back(with_token);
  return security;
}

}  // namespace

std::string Operations::DescriptionOf(const MethodDescriptor& method) const {
  const Access& access = method.options().GetExtension(api::v1::access);
  return absl::StrCat(comments_.Of(method), "\n\n", AccessRemark(access), FilterRemark(method));
}

Json Operations::Of(const Binding& binding, const OpenApiPath& path, int number) {
  const MethodDescriptor& method = *binding.method;
  const Access& access = method.options().GetExtension(api::v1::access);
  Json operation = {
      {"tags", Json::array({method.service()->name()})},
      {"operationId", absl::StrCat(method.service()->name(), "_", method.name(),
                                   number == 1 ? "" : std::to_string(number))},
      {"summary", FirstSentence(comments_.Of(method))},
      {"description", DescriptionOf(method)},
      {"security", SecurityOf(access)},
      {"x-roles", RolesOf(access)},
  };
  AddFilterable(method, operation);
  Json parameters = ParametersOf(binding, path, comments_, schemas_);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (binding.body != Binding::Body::kNone) operation["requestBody"] = BodyOf(binding);
  operation["responses"] = ResponsesOf(binding, schemas_);
  AddReplyExample(binding, operation["responses"]);
  return operation;
}

// The request's message, without what the path has.
Json Operations::WholeBodyOf(const Binding& binding) {
  const Descriptor& request = *binding.method->input_type();
  std::set<const FieldDescriptor*> in_path;
  Json example = makes_examples_.Of(request, Use::kRequest);
  for (const FieldPath& variable : binding.variables) {
    if (variable.size() != 1) continue;
    in_path.insert(variable[0]);
    example.erase(variable[0]->json_name());
  }
  Json schema = schemas_.ObjectOf(request, Use::kRequest, in_path);
  const bool required = schema.contains("required");
  schema["title"] = request.name();
  return {
      {"required", required},
      {"content",
       {{"application/json", {{"schema", std::move(schema)}, {"example", std::move(example)}}}}}};
}

Json Operations::BodyOf(const Binding& binding) {
  if (TakesHttpBody(binding)) {
    return {{"description", "The bytes of the file, as their own media type."},
            {"required", true},
            {"content", {{"*/*", Json::object()}}}};
  }
  if (binding.body == Binding::Body::kAll) return WholeBodyOf(binding);
  const FieldDescriptor& field = *binding.body_field;
  const Descriptor* message = field.is_repeated() ? nullptr : field.message_type();
  const bool update = binding.method->input_type()->FindFieldByName("update_mask") != nullptr;
  Json content = {{"schema", message == nullptr
                                 ? schemas_.Of(field, Use::kRequest)
                                 : schemas_.Of(*message, update ? Use::kUpdate : Use::kRequest)}};
  if (IsResource(message)) {
    content["examples"] = {{message->name(), ExampleOf(*message, Use::kRequest)}};
  }
  return {{"description", comments_.Of(field)},
          {"required", HasBehavior(field, google::api::REQUIRED)},
          {"content", {{"application/json", std::move(content)}}}};
}

void Operations::AddReplyExample(const Binding& binding, Json& responses) {
  const Descriptor* reply = binding.method->output_type();
  const bool whole = binding.response_field == nullptr && !binding.method->server_streaming();
  if (!whole || !IsResource(reply)) return;
  responses["200"]["content"][kJsonType]["examples"] = {
      {reply->name(), ExampleOf(*reply, Use::kReply)}};
}

Json Operations::ExampleOf(const Descriptor& message, Use use) {
  const std::string name = SchemaNameOf(message.full_name(), use);
  if (!examples_.contains(name)) examples_[name] = {{"value", makes_examples_.Of(message, use)}};
  return {{"$ref", absl::StrCat("#/components/examples/", name)}};
}

}  // namespace baliprocess::gateway
