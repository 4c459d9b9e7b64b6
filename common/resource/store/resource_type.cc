#include "common/resource/store/resource_type.h"

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/base/status_macros.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// `externalForums` to `external_forums`.
std::string ToSnakeCase(const std::string& camel) {
  std::string snake;
  for (const char c : camel) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) snake += '_';
    snake += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return snake;
}

absl::Status Defect(const Descriptor* descriptor, std::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("the contract of ", descriptor->full_name(), " ", std::string(what)));
}

// Finds the fields of `descriptor` and its nested messages that refer to resources.
void FindReferences(const Descriptor* descriptor, const std::string& prefix,
                    std::vector<const FieldDescriptor*>& path, std::vector<Reference>& found) {
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    path.push_back(field);
    const auto& reference = field->options().GetExtension(google::api::resource_reference);
    if (!reference.type().empty() && reference.type() != "*") {
      found.push_back({absl::StrCat(prefix, field->name()), reference.type(), path});
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && path.size() < 8) {
      FindReferences(field->message_type(), absl::StrCat(prefix, field->name(), "."), path, found);
    }
    path.pop_back();
  }
}

void VisitReferences(const std::vector<const FieldDescriptor*>& fields, size_t depth,
                     const Message& message, const std::string& prefix,
                     const std::function<void(const std::string&, const std::string&)>& visit) {
  const FieldDescriptor* field = fields[depth];
  const auto* reflection = message.GetReflection();
  const bool leaf = depth + 1 == fields.size();
  const int count = field->is_repeated()                   ? reflection->FieldSize(message, field)
                    : leaf                                 ? 1
                    : reflection->HasField(message, field) ? 1
                                                           : 0;
  for (int i = 0; i < count; ++i) {
    std::string path = absl::StrCat(prefix, field->name());
    if (field->is_repeated()) absl::StrAppend(&path, "[", i, "]");
    if (!leaf) {
      const Message& child = field->is_repeated()
                                 ? reflection->GetRepeatedMessage(message, field, i)
                                 : reflection->GetMessage(message, field);
      VisitReferences(fields, depth + 1, child, path + ".", visit);
      continue;
    }
    const std::string name = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                  : reflection->GetString(message, field);
    if (!name.empty()) visit(name, path);
  }
}

}  // namespace

std::unique_ptr<Message> ResourceType::New() const { return NewMessage(*descriptor); }

std::string ResourceType::NameOf(const Message& resource) const {
  return resource.GetReflection()->GetString(resource, name);
}

bool ResourceType::IsDeleted(const Message& resource) const {
  return resource.GetReflection()->HasField(resource, delete_time);
}

api::v1::Visibility::Level ResourceType::VisibilityOf(const Message& resource) const {
  return static_cast<api::v1::Visibility::Level>(
      resource.GetReflection()->GetEnumValue(resource, visibility));
}

absl::Status Registry::Add(const Descriptor* descriptor, Rules rules) {
  const auto& annotation = descriptor->options().GetExtension(google::api::resource);
  if (annotation.pattern_size() != 1 || annotation.plural().empty()) {
    return Defect(descriptor, "needs a google.api.resource with one pattern, singular and plural");
  }
  auto type = std::make_unique<ResourceType>();
  type->descriptor = descriptor;
  type->type = annotation.type();
  type->singular = ToSnakeCase(annotation.singular());
  type->plural = ToSnakeCase(annotation.plural());
  type->plural_camel = annotation.plural();
  type->plural_camel[0] = absl::ascii_toupper(static_cast<unsigned char>(type->plural_camel[0]));
  ASSIGN_OR_RETURN(type->pattern, NamePattern::Parse(annotation.pattern(0)));
  type->default_visibility =
      descriptor->options().GetExtension(api::v1::resource).default_visibility();
  if (type->default_visibility == api::v1::Visibility::LEVEL_UNSPECIFIED) {
    return Defect(descriptor, "needs a default_visibility");
  }
  type->columns = ColumnsOf(descriptor);
  std::vector<const FieldDescriptor*> path;
  FindReferences(descriptor, "", path, type->references);
  type->rules = std::move(rules);

  const std::pair<const char*, const FieldDescriptor**> shared[] = {
      {"name", &type->name},
      {"uid", &type->uid},
      {"etag", &type->etag},
      {"create_time", &type->create_time},
      {"update_time", &type->update_time},
      {"delete_time", &type->delete_time},
      {"visibility", &type->visibility}};
  for (const auto& [field_name, field] : shared) {
    *field = descriptor->FindFieldByName(field_name);
    if (*field == nullptr) return Defect(descriptor, absl::StrCat("has no field ", field_name));
  }
  for (const char* reserved : {"parent", "layout", "message"}) {
    if (FindColumn(type->columns, reserved) != nullptr) {
      return Defect(descriptor, absl::StrCat("can't have ", reserved, " filterable (schema.h)"));
    }
  }
  for (const char* column : {"delete_time", "visibility"}) {
    if (FindColumn(type->columns, column) == nullptr) {
      return Defect(descriptor, absl::StrCat("needs ", column, " to be filterable"));
    }
  }
  RETURN_IF_ERROR(SetCircle(*type));
  const std::optional<NamePattern> parent = type->pattern.ParentPattern();
  for (const auto& other : types_) {
    if (parent && other->pattern.pattern() == parent->pattern()) type->parent = other.get();
  }
  if (parent && type->parent == nullptr) {
    return Defect(descriptor, "has a parent that isn't registered before it");
  }
  types_.push_back(std::move(type));
  return SetParticipants(*types_.back());
}

absl::Status Registry::SetParticipants(const ResourceType& child) {
  for (const auto& type : types_) {
    const auto& rules = type->descriptor->options().GetExtension(api::v1::resource).participants();
    if (type.get() != child.parent || rules.type() != child.type) continue;
    const Column* member = FindColumn(child.columns, rules.member_field());
    if (member == nullptr || member->kind != ColumnKind::kText) {
      return Defect(type->descriptor,
                    "has participants without a filterable field of their member");
    }
    type->participants = absl::StrCat("SELECT parent FROM ", child.plural,
                                      " WHERE delete_time IS NULL AND ", member->name, " = ?");
  }
  return absl::OkStatus();
}

absl::Status Registry::SetCircle(ResourceType& type) const {
  const api::v1::ResourceRules& rules = type.descriptor->options().GetExtension(api::v1::resource);
  if (rules.has_circle()) {
    const Column* closed = FindColumn(type.columns, rules.circle().closed_field());
    const Column* members = FindColumn(type.columns, rules.circle().members_field());
    if (closed == nullptr || closed->kind != ColumnKind::kBool || members == nullptr ||
        members->kind != ColumnKind::kTextList) {
      return Defect(type.descriptor, "has a circle without a filterable bool and list");
    }
    type.closed_column = closed->name;
    type.members_column = members->name;
  }
  if (rules.circle_field().empty()) return absl::OkStatus();
  for (const Reference& reference : type.references) {
    if (reference.path == rules.circle_field()) type.circle_owner = FindType(reference.target_type);
  }
  const Column* column = FindColumn(type.columns, rules.circle_field());
  if (column == nullptr || type.circle_owner == nullptr || !type.circle_owner->has_circle()) {
    return Defect(type.descriptor,
                  "has a circle_field that isn't a filterable reference to a type with a circle");
  }
  type.circle_field = column->name;
  type.circle_path = column->path;
  return absl::OkStatus();
}

const ResourceType* Registry::Find(const Descriptor* descriptor) const {
  for (const auto& type : types_) {
    if (type->descriptor == descriptor) return type.get();
  }
  return nullptr;
}

const ResourceType* Registry::FindName(std::string_view name) const {
  for (const auto& type : types_) {
    if (type->pattern.Matches(name)) return type.get();
  }
  return nullptr;
}

const ResourceType* Registry::FindType(std::string_view type_name) const {
  for (const auto& type : types_) {
    if (type->type == type_name) return type.get();
  }
  return nullptr;
}

void ForEachReference(const Reference& reference, const Message& resource,
                      const std::function<void(const std::string&, const std::string&)>& visit) {
  VisitReferences(reference.fields, 0, resource, "", visit);
}

}  // namespace baliprocess::resource
