#include "common/base/descriptors.h"

#include <google/protobuf/descriptor_database.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/resource.pb.h"

namespace baliprocess {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

void AddWithNested(const Descriptor* type, std::vector<const Descriptor*>& types) {
  types.push_back(type);
  for (int i = 0; i < type->nested_type_count(); ++i) AddWithNested(type->nested_type(i), types);
}

std::vector<const Descriptor*> FindLinkedMessages() {
  std::vector<std::string> files;
  std::vector<const Descriptor*> types;
  // The pool itself knows only the files that were asked for.
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::sort(files.begin(), files.end());
  for (const std::string& name : files) {
    if (!name.starts_with("baliprocess/")) continue;
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; file != nullptr && i < file->message_type_count(); ++i) {
      AddWithNested(file->message_type(i), types);
    }
  }
  return types;
}

}  // namespace

bool HasBehavior(const FieldDescriptor& field, google::api::FieldBehavior behavior) {
  const auto& behaviors = field.options().GetRepeatedExtension(google::api::field_behavior);
  return std::find(behaviors.begin(), behaviors.end(), behavior) != behaviors.end();
}

std::string PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

const std::vector<const Descriptor*>& LinkedMessages() {
  static const auto& types = *new std::vector<const Descriptor*>(FindLinkedMessages());
  return types;
}

const Descriptor* MessageOfType(std::string_view type) {
  for (const Descriptor* message : LinkedMessages()) {
    if (message->options().GetExtension(google::api::resource).type() == type) return message;
  }
  return nullptr;
}

const MethodDescriptor* MethodOfPackage(const Descriptor& type, const std::string& name) {
  const std::string& package = type.file()->package();
  const std::vector<std::string> parts = absl::StrSplit(package, '.');
  if (parts.size() < 2 || parts[parts.size() - 2].empty()) return nullptr;
  std::string service = parts[parts.size() - 2];
  service[0] = absl::ascii_toupper(static_cast<unsigned char>(service[0]));
  const auto* found = DescriptorPool::generated_pool()->FindServiceByName(
      absl::StrCat(package, ".", service, "Service"));
  return found == nullptr ? nullptr : found->FindMethodByName(name);
}

FieldPath FindFieldPath(const Descriptor& type, std::string_view path) {
  FieldPath fields;
  const Descriptor* message = &type;
  for (const absl::string_view name :
       absl::StrSplit(absl::string_view(path.data(), path.size()), '.')) {
    const FieldDescriptor* field =
        message == nullptr ? nullptr : message->FindFieldByName(std::string(name));
    if (field == nullptr || field->is_repeated()) return {};
    fields.push_back(field);
    message = field->message_type();  // nullptr for scalars
  }
  return fields;
}

std::string TextAt(const Message& message, const FieldPath& path) {
  if (path.empty()) return "";
  const Message* at = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) at = &at->GetReflection()->GetMessage(*at, path[i]);
  return at->GetReflection()->GetString(*at, path.back());
}

}  // namespace baliprocess
