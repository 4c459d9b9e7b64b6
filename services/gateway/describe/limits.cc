#include "services/gateway/describe/limits.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/field_info.pb.h"
#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/base/field_limits.h"
#include "common/resource/contract/names.h"

namespace baliprocess::gateway {
namespace {

using api::v1::FieldRules;
using google::protobuf::FieldDescriptor;

const FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(api::v1::field);
}

const google::api::ResourceReference& ReferenceOf(const FieldDescriptor& field) {
  return field.options().GetExtension(google::api::resource_reference);
}

// The form of the names that the field takes, such as `bodies/{body}/seats/{seat}`; empty when it
// takes none, or those of any type.
std::string NamesOf(const FieldDescriptor& field) {
  const auto& reference = ReferenceOf(field);
  if (const auto* pattern = resource::PatternOfType(reference.type())) return pattern->pattern();
  const auto* child = resource::PatternOfType(reference.child_type());
  const auto parent = child == nullptr ? std::nullopt : child->ParentPattern();
  return parent ? parent->pattern() : "";
}

std::string PatternOfNames(const std::string& names, bool any_parent) {
  const std::string id = any_parent ? absl::StrCat("(-|", kIdPattern, ")") : kIdPattern;
  std::vector<std::string> parts;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(names, '/'))) {
    parts.push_back(absl::StartsWith(part, "{") ? id : part);
  }
  return absl::StrJoin(parts, "/");
}

// Without anchors; empty: any text. Looser than what is judged where that needs tables or a parser.
std::string PatternOf(const FieldDescriptor& field) {
  const std::string names = NamesOf(field);
  if (!names.empty()) return PatternOfNames(names, TakesAnyParent(field));
  if (resource::GivesResourceId(field)) return kIdPattern;
  if (field.options().GetExtension(google::api::field_info).format() ==
      google::api::FieldInfo::UUID4) {
    return "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
  }
  switch (RulesOf(field).format()) {
    case FieldRules::LANGUAGE_TAG:
      return "[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*";
    case FieldRules::URI:
      return "[Hh][Tt][Tt][Pp][Ss]?://\\S+";
    case FieldRules::EMAIL:
      return "[^@\\s]+@[^@\\s]+";
    case FieldRules::REGION_CODE:
      return "[A-Z]{2}";
    case FieldRules::PHONE_NUMBER:
      return "\\+[1-9][0-9]{6,14}";
    default:
      return "";
  }
}

const char* FormatOf(const FieldDescriptor& field) {
  switch (RulesOf(field).format()) {
    case FieldRules::URI:
      return "uri";
    case FieldRules::EMAIL:
      return "email";
    default:
      return nullptr;
  }
}

bool IsLong(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
}

void AddStringLimits(const FieldDescriptor& field, Json& schema) {
  const bool given = field.is_repeated() || HasBehavior(field, google::api::REQUIRED);
  const std::string pattern = PatternOf(field);
  if (!pattern.empty()) {
    schema["pattern"] =
        given ? absl::StrCat("^", pattern, "$") : absl::StrCat("^(", pattern, ")?$");
  }
  if (HasBehavior(field, google::api::REQUIRED)) schema["minLength"] = 1;
  schema["maxLength"] = MaxLengthOf(&field);
  // An empty string is of no format.
  if (const char* format = FormatOf(field); given && format != nullptr) schema["format"] = format;
}

std::string VisibilityRemark(const FieldRules& rules) {
  const char* participants = rules.shown_to_participants() ? " and for participants" : "";
  switch (rules.visibility()) {
    case api::v1::Visibility::MEMBERS:
      return absl::StrCat(" Not for callers without a token.");
    case api::v1::Visibility::RESTRICTED:
      return absl::StrCat(" For the secretariat", participants, " alone.");
    default:
      return "";
  }
}

}  // namespace

bool TakesAnyParent(const FieldDescriptor& field) {
  const std::string& request = field.containing_type()->name();
  const bool reads_many =
      absl::StartsWith(request, "List") || absl::StartsWith(request, "BatchGet");
  return reads_many && !ReferenceOf(field).child_type().empty();
}

void AddValueLimits(const FieldDescriptor& field, Json& schema) {
  const FieldRules& rules = RulesOf(field);
  if (field.type() == FieldDescriptor::TYPE_STRING) return AddStringLimits(field, schema);
  if (field.enum_type() != nullptr || field.message_type() != nullptr || IsLong(field)) return;
  if (rules.has_minimum()) schema["minimum"] = rules.minimum();
  if (rules.has_maximum()) schema["maximum"] = rules.maximum();
}

void AddListLimits(const FieldDescriptor& field, Json& schema) {
  if (HasBehavior(field, google::api::REQUIRED)) schema["minItems"] = 1;
  schema["maxItems"] = MaxItemsOf(&field);
}

std::string RemarksOn(const FieldDescriptor& field) {
  const FieldRules& rules = RulesOf(field);
  std::string remarks;
  const std::string names = NamesOf(field);
  if (!names.empty()) absl::StrAppend(&remarks, " A name: `", names, "`.");
  if (IsLong(field) && rules.has_minimum()) {
    absl::StrAppend(&remarks, " At least ", rules.minimum(), ".");
  }
  if (IsLong(field) && rules.has_maximum()) {
    absl::StrAppend(&remarks, " At most ", rules.maximum(), ".");
  }
  if (!rules.kinds().empty()) {
    absl::StrAppend(&remarks, " One of `", absl::StrJoin(rules.kinds(), "`, `"), "`.");
  }
  if (HasBehavior(field, google::api::IMMUTABLE)) {
    absl::StrAppend(&remarks, " Can't be changed later.");
  }
  return absl::StrCat(remarks, VisibilityRemark(rules));
}

}  // namespace baliprocess::gateway
