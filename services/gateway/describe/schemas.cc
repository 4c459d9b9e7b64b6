#include "services/gateway/describe/schemas.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "services/gateway/describe/limits.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

Json ReferenceTo(const std::string& name) {
  return {{"$ref", absl::StrCat("#/components/schemas/", name)}};
}

// Messages that ProtoJSON doesn't write as objects of their fields; null for others.
Json OfWellKnown(const Descriptor& message) {
  using Type = Descriptor::WellKnownType;
  switch (message.well_known_type()) {
    case Type::WELLKNOWNTYPE_TIMESTAMP:
      return {{"type", "string"}, {"format", "date-time"}};
    case Type::WELLKNOWNTYPE_DURATION:
      return {{"type", "string"}, {"pattern", "^-?[0-9]+(\\.[0-9]+)?s$"}};
    case Type::WELLKNOWNTYPE_FIELDMASK:
      return {{"type", "string"}};
    case Type::WELLKNOWNTYPE_ANY:
      return {{"type", "object"},
              {"properties", {{"@type", {{"type", "string"}}}}},
              {"required", Json::array({"@type"})},
              {"additionalProperties", true}};
    case Type::WELLKNOWNTYPE_DOUBLEVALUE:
    case Type::WELLKNOWNTYPE_FLOATVALUE:
      return {{"type", {"number", "null"}}};
    case Type::WELLKNOWNTYPE_INT64VALUE:
    case Type::WELLKNOWNTYPE_UINT64VALUE:
    case Type::WELLKNOWNTYPE_STRINGVALUE:
    case Type::WELLKNOWNTYPE_BYTESVALUE:
      return {{"type", {"string", "null"}}};
    case Type::WELLKNOWNTYPE_INT32VALUE:
    case Type::WELLKNOWNTYPE_UINT32VALUE:
      return {{"type", {"integer", "null"}}};
    case Type::WELLKNOWNTYPE_BOOLVALUE:
      return {{"type", {"boolean", "null"}}};
    case Type::WELLKNOWNTYPE_STRUCT:
      return {{"type", "object"}, {"additionalProperties", true}};
    case Type::WELLKNOWNTYPE_LISTVALUE:
      return {{"type", "array"}, {"items", Json::object()}};
    case Type::WELLKNOWNTYPE_VALUE:
      return Json::object();
    default:
      return nullptr;
  }
}

Json OfScalar(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", "int64"}, {"minimum", 0}};
    case FieldDescriptor::CPPTYPE_INT64:
      return {{"type", "string"}, {"format", "int64"}};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", "string"}, {"format", "uint64"}};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}, {"format", "float"}};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    default:
      if (field.type() == FieldDescriptor::TYPE_STRING) return {{"type", "string"}};
      return {{"type", "string"}, {"contentEncoding", "base64"}};
  }
}

// What the services judge: what is given, of our own contracts.
bool IsJudged(const FieldDescriptor& field, Use use) {
  if (use == Use::kReply || !absl::StartsWith(field.file()->package(), "baliprocess."))
    return false;
  return !HasBehavior(field, google::api::OUTPUT_ONLY) ||
         field.options().GetExtension(api::v1::field).recorded();
}

bool IsRequired(const FieldDescriptor& field, Use use) {
  switch (use) {
    case Use::kReply:
      return !field.has_presence();
    case Use::kRequest:
      return HasBehavior(field, google::api::REQUIRED);
    case Use::kUpdate:
      return false;
  }
  return false;
}

std::string OneofRemark(const Descriptor& message) {
  std::string remark;
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    std::vector<std::string> names;
    const auto& oneof = *message.oneof_decl(i);
    for (int j = 0; j < oneof.field_count(); ++j) names.push_back(oneof.field(j)->json_name());
    absl::StrAppend(&remark, "\n\nAt most one of these is there: `", absl::StrJoin(names, "`, `"),
                    "`.");
  }
  return remark;
}

}  // namespace

std::string SchemaNameOf(const std::string& full_name, Use use) {
  constexpr absl::string_view kOurs = "baliprocess.";
  absl::string_view name = full_name;
  if (absl::StartsWith(name, kOurs)) name.remove_prefix(kOurs.size());
  const char* suffix = use == Use::kReply ? "" : use == Use::kRequest ? "Input" : "Update";
  return absl::StrCat(name, suffix);
}

Json Schemas::Of(const Descriptor& message, Use use) {
  Json well_known = OfWellKnown(message);
  if (!well_known.is_null()) return well_known;
  const std::string name = SchemaNameOf(message.full_name(), use);
  // First the entry, then what is in it: messages contain each other.
  if (schemas_.try_emplace(name, nullptr).second) schemas_[name] = ObjectOf(message, use, {});
  return ReferenceTo(name);
}

Json Schemas::ObjectOf(const Descriptor& message, Use use,
                       const std::set<const FieldDescriptor*>& without) {
  Json properties = Json::object();
  Json required = Json::array();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (without.contains(&field)) continue;
    if (use == Use::kReply && HasBehavior(field, google::api::INPUT_ONLY)) continue;
    properties[field.json_name()] = Of(field, use);
    if (IsRequired(field, use)) required.push_back(field.json_name());
  }
  Json schema = {{"type", "object"}};
  const std::string description = absl::StrCat(comments_.Of(message), OneofRemark(message));
  if (!description.empty()) schema["description"] = description;
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  if (use != Use::kReply) schema["additionalProperties"] = false;
  return schema;
}

Json Schemas::Of(const FieldDescriptor& field, Use use) {
  Json schema;
  if (field.is_map()) {
    schema = {{"type", "object"},
              {"additionalProperties", OfValue(*field.message_type()->map_value(), use)}};
  } else if (field.is_repeated()) {
    schema = {{"type", "array"}, {"items", OfValue(field, use)}};
    if (IsJudged(field, use)) AddListLimits(field, schema);
  } else {
    schema = OfValue(field, use);
  }
  const std::string description = absl::StrCat(comments_.Of(field), RemarksOn(field));
  if (!description.empty()) schema["description"] = description;
  if (HasBehavior(field, google::api::OUTPUT_ONLY)) schema["readOnly"] = true;
  if (HasBehavior(field, google::api::INPUT_ONLY)) schema["writeOnly"] = true;
  return schema;
}

Json Schemas::OfValue(const FieldDescriptor& field, Use use) {
  if (field.enum_type() != nullptr) return Of(*field.enum_type());
  // Within the resource of an update, what is given is given whole.
  const Use within = use == Use::kReply ? Use::kReply : Use::kRequest;
  if (field.message_type() != nullptr) return Of(*field.message_type(), within);
  Json schema = OfScalar(field);
  if (IsJudged(field, use)) AddValueLimits(field, schema);
  return schema;
}

Json Schemas::Of(const EnumDescriptor& type) {
  if (type.full_name() == "google.protobuf.NullValue") return {{"type", "null"}};
  const std::string name = SchemaNameOf(type.full_name(), Use::kReply);
  if (!schemas_.try_emplace(name, nullptr).second) return ReferenceTo(name);
  Json values = Json::array();
  std::string description = comments_.Of(type);
  absl::StrAppend(&description, description.empty() ? "" : "\n\n");
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    values.push_back(value.name());
    absl::StrAppend(&description, i == 0 ? "" : "\n", "- `", value.name(),
                    "`: ", FirstSentence(comments_.Of(value)), ".");
  }
  schemas_[name] = {{"type", "string"}, {"description", description}, {"enum", std::move(values)}};
  return ReferenceTo(name);
}

}  // namespace baliprocess::gateway
