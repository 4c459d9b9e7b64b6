#include "services/balictl/contract/contract.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/auth/access.h"
#include "common/base/descriptors.h"
#include "common/base/service_name.h"
#include "common/resource/contract/field_values.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/nearest.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::string ShortName(const ServiceDescriptor& service) {
  return ShortServiceName(service.full_name());
}

bool IsCalled(const ServiceDescriptor& service, const std::string& name) {
  return name == ShortName(service) || name == service.name() || name == service.full_name();
}

// The first field of `message` that holds `type`.
const FieldDescriptor* FieldOf(const Descriptor& message, const Descriptor* type) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->message_type() == type) return message.field(i);
  }
  return nullptr;
}

const MethodDescriptor* ListOf(const ServiceDescriptor& service, const Descriptor* type) {
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor* method = service.method(i);
    const FieldDescriptor* items = FieldOf(*method->output_type(), type);
    if (absl::StartsWith(method->name(), "List") && items && items->is_repeated()) return method;
  }
  return nullptr;
}

std::optional<ResourceKind> KindOf(const ServiceDescriptor& service, const MethodDescriptor& get) {
  const Descriptor* type = get.output_type();
  if (get.name() != absl::StrCat("Get", type->name())) return std::nullopt;
  const auto* pattern =
      resource::PatternOfType(type->options().GetExtension(google::api::resource).type());
  const MethodDescriptor* list = ListOf(service, type);
  const MethodDescriptor* update = service.FindMethodByName(absl::StrCat("Update", type->name()));
  if (!pattern || !list || !update) return std::nullopt;
  const FieldDescriptor* patch = FieldOf(*update->input_type(), type);
  if (!patch) return std::nullopt;
  return ResourceKind{
      type, *pattern, ShortName(service), &get, list, update, FieldOf(*list->output_type(), type),
      patch};
}

std::vector<ResourceKind> FindResources() {
  std::vector<ResourceKind> kinds;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (auto kind = KindOf(*service, *service->method(i))) kinds.push_back(*std::move(kind));
    }
  }
  std::sort(kinds.begin(), kinds.end(),
            [](const auto& a, const auto& b) { return a.File() < b.File(); });
  return kinds;
}

std::vector<const MethodDescriptor*> MethodsCalled(const std::string& service,
                                                   const std::string& name) {
  std::vector<const MethodDescriptor*> found;
  for (const ServiceDescriptor* candidate : Services()) {
    if (!service.empty() && !IsCalled(*candidate, service)) continue;
    if (const auto* method = candidate->FindMethodByName(name)) found.push_back(method);
  }
  return found;
}

// The names of all methods.
std::vector<std::string> MethodNames() {
  std::vector<std::string> names;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) names.push_back(service->method(i)->name());
  }
  return names;
}

// Clears the fields of which `is_cleared` says so, nested ones included.
void ClearFields(Message& message, bool (*is_cleared)(const FieldDescriptor&)) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (is_cleared(*field)) {
      message.GetReflection()->ClearField(&message, field);
    } else if (field->message_type() != nullptr) {
      resource::ForEachMessage(message, field,
                               [&](Message& child) { ClearFields(child, is_cleared); });
    }
  }
}

const FieldDescriptor* Field(const Message& message, const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// The server fills in the default of the type; without it records are easier to read and compare.
void ClearDefaultVisibility(Message& message) {
  const FieldDescriptor* field = Field(message, "visibility");
  if (!field || field->enum_type() != api::v1::Visibility::Level_descriptor()) return;
  const auto& rules = message.GetDescriptor()->options().GetExtension(api::v1::resource);
  const auto* reflection = message.GetReflection();
  if (reflection->GetEnumValue(message, field) == rules.default_visibility()) {
    reflection->ClearField(&message, field);
  }
}

// The collections, with `-` for ids: `bodies`, `bodies/-/seats`.
std::vector<std::string> CollectionPaths() {
  std::vector<std::string> paths;
  for (const ResourceKind& kind : Resources()) {
    const std::string any = kind.pattern.AnyParent();
    paths.push_back(absl::StrCat(any, any.empty() ? "" : "/", kind.pattern.Collection()));
  }
  return paths;
}

// The name with `-` for its ids, so that it can be compared with collections.
std::string CollectionOfName(const std::string& name, std::vector<std::string>& ids) {
  std::vector<std::string> segments = absl::StrSplit(name, '/');
  for (size_t i = 1; i < segments.size(); i += 2) ids.push_back(std::exchange(segments[i], "-"));
  if (segments.size() % 2 == 0) segments.pop_back();
  return absl::StrJoin(segments, "/");
}

// Why no resource has this name: an id that can't be one, or a collection that isn't there.
std::string WhyNoName(const std::string& name) {
  std::vector<std::string> ids;
  const std::string collection = CollectionOfName(name, ids);
  const std::vector<std::string> paths = CollectionPaths();
  const bool known = std::find(paths.begin(), paths.end(), collection) != paths.end();
  for (const std::string& id : ids) {
    const auto why = resource::WhyInvalidId(id);
    if (known && why) return absl::StrCat(name, ": the id '", id, "' must be ", *why);
  }
  if (known)
    return absl::StrCat(name, " is a collection; names of its resources have an id behind");
  return absl::StrCat(name,
                      " isn't the name of a resource, such as members/aus or "
                      "bodies/ahg/seats/aus.",
                      DidYouMean(collection, paths));
}

// Whether an update of all fields that leaves the field out keeps it.
bool IsKept(const FieldDescriptor& field) {
  const auto& rules = field.options().GetExtension(api::v1::field);
  return rules.filled() || rules.recorded() || field.name() == "visibility" ||
         HasBehavior(field, google::api::IMMUTABLE);
}

// Whether an update keeps what is stored whatever is given: the server goes on from it by itself.
bool IsKeptUp(const FieldDescriptor& field) {
  const auto& rules = field.options().GetExtension(api::v1::field);
  return rules.filled() && rules.recorded();
}

}  // namespace

std::string ResourceKind::File() const {
  return absl::StrCat(service, "/", pattern.Collection(), ".json");
}

const std::vector<const ServiceDescriptor*>& Services() {
  static const auto& services = *[] {
    auto* found = new std::vector<const ServiceDescriptor*>;
    std::vector<std::string> names = auth::AccessPolicy::AllServices();
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      found->push_back(DescriptorPool::generated_pool()->FindServiceByName(name));
    }
    return found;
  }();
  return services;
}

const std::vector<ResourceKind>& Resources() {
  static const auto& kinds = *new std::vector<ResourceKind>(FindResources());
  return kinds;
}

absl::StatusOr<const ServiceDescriptor*> FindService(const std::string& name) {
  if (const auto* other = DescriptorPool::generated_pool()->FindServiceByName(name)) return other;
  std::vector<std::string> names;
  for (const ServiceDescriptor* service : Services()) {
    if (IsCalled(*service, name)) return service;
    names.push_back(ShortName(*service));
  }
  return UsageError(
      absl::StrCat("there is no service ", name, "; there are: ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<const MethodDescriptor*> FindMethod(const std::string& name) {
  std::string text = absl::StrReplaceAll(name, {{"/", "."}});
  if (absl::StartsWith(text, ".")) text.erase(0, 1);
  const size_t dot = text.rfind('.');
  const std::string method = dot == std::string::npos ? text : text.substr(dot + 1);
  if (const auto* other = DescriptorPool::generated_pool()->FindMethodByName(text)) return other;
  const auto found = MethodsCalled(dot == std::string::npos ? "" : text.substr(0, dot), method);
  if (found.empty()) {
    return UsageError(
        absl::StrCat("there is no method ", name, ".", DidYouMean(method, MethodNames())));
  }
  if (found.size() == 1) return found[0];
  const auto append = [](std::string* out, const MethodDescriptor* candidate) {
    absl::StrAppend(out, ShortName(*candidate->service()), "/", candidate->name());
  };
  return UsageError(absl::StrCat("several services have a method ", name, ": say one of ",
                                 absl::StrJoin(found, ", ", append)));
}

absl::StatusOr<const ResourceKind*> KindOfName(std::string_view name) {
  for (const ResourceKind& kind : Resources()) {
    if (kind.pattern.Matches(name)) return &kind;
  }
  return UsageError(WhyNoName(std::string(name)));
}

absl::StatusOr<Collection> FindCollection(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
  const std::string collection = slash == std::string::npos ? path : path.substr(slash + 1);
  for (const ResourceKind& kind : Resources()) {
    if (kind.pattern.Collection() == collection &&
        kind.pattern.MatchesParent(parent, /*allow_wildcard=*/true)) {
      return Collection{&kind, parent};
    }
  }
  const std::vector<std::string> paths = CollectionPaths();
  const std::string meant = DidYouMean(path, paths);
  return UsageError(absl::StrCat(
      "there is no collection ", path, ".",
      meant.empty() ? absl::StrCat(" There are ", absl::StrJoin(paths, ", ")) : meant));
}

void SetText(Message& message, const std::string& field, std::string value) {
  message.GetReflection()->SetString(&message, Field(message, field), std::move(value));
}

void SetFlag(Message& message, const std::string& field, bool value) {
  if (const FieldDescriptor* flag = Field(message, field)) {
    message.GetReflection()->SetBool(&message, flag, value);
  }
}

void SetNumber(Message& message, const std::string& field, int32_t value) {
  message.GetReflection()->SetInt32(&message, Field(message, field), value);
}

std::string GetText(const Message& message, const std::string& field) {
  return message.GetReflection()->GetString(message, Field(message, field));
}

bool GivesRecorded(const Message& resource) {
  std::vector<const FieldDescriptor*> fields;
  resource.GetReflection()->ListFields(resource, &fields);
  return std::any_of(fields.begin(), fields.end(), [](const FieldDescriptor* field) {
    return field->options().GetExtension(api::v1::field).recorded();
  });
}

void KeepWhatIsLeftOut(const Message& stored, Message& given) {
  const auto* reflection = given.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(stored, &fields);
  const std::unique_ptr<Message> kept(stored.New());
  kept->CopyFrom(stored);
  for (const FieldDescriptor* field : fields) {
    if (IsKeptUp(*field)) {
      reflection->ClearField(&given, field);
    } else if (!IsKept(*field) || resource::HasValue(given, field)) {
      reflection->ClearField(kept.get(), field);
    }
  }
  given.MergeFrom(*kept);
}

void KeepGiven(Message& message) {
  ClearFields(message, [](const FieldDescriptor& field) {
    return HasBehavior(field, google::api::OUTPUT_ONLY) ||
           HasBehavior(field, google::api::IDENTIFIER);
  });
}

void KeepContent(Message& message) {
  ClearFields(message, [](const FieldDescriptor& field) {
    return HasBehavior(field, google::api::OUTPUT_ONLY) &&
           !field.options().GetExtension(api::v1::field).recorded();
  });
  ClearDefaultVisibility(message);
  if (const FieldDescriptor* etag = Field(message, "etag")) {
    message.GetReflection()->ClearField(&message, etag);
  }
}

}  // namespace baliprocess::balictl
