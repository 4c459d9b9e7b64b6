// What the linked contracts offer: services, methods and resources, by the names people use.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_CONTRACT_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_CONTRACT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "common/resource/contract/names.h"

namespace baliprocess::balictl {

// A resource type and its standard methods.
struct ResourceKind {
  const google::protobuf::Descriptor* message = nullptr;
  resource::NamePattern pattern;
  std::string service;  // `membership`
  const google::protobuf::MethodDescriptor* get = nullptr;
  const google::protobuf::MethodDescriptor* list = nullptr;
  const google::protobuf::MethodDescriptor* update = nullptr;
  // The resources in the reply of `list`, the resource in the request of `update`.
  const google::protobuf::FieldDescriptor* items = nullptr;
  const google::protobuf::FieldDescriptor* patch = nullptr;

  // Where its records are in a data directory: `membership/bodies.json`.
  std::string File() const;
};

// All services in packages `baliprocess.*`, by name.
const std::vector<const google::protobuf::ServiceDescriptor*>& Services();

// All resource types that have Get, List and Update, by file.
const std::vector<ResourceKind>& Resources();

// `membership`, `MembershipService` or the full name.
absl::StatusOr<const google::protobuf::ServiceDescriptor*> FindService(const std::string& name);

// `GetMember` when only one service has it, else with the service, in any of its forms, before a
// slash or a dot.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(const std::string& name);

// The type of the resource `bodies/ahg`.
absl::StatusOr<const ResourceKind*> KindOfName(std::string_view name);

// The type listed by `bodies`, `bodies/ahg/seats` or `bodies/-/seats`, and the parent.
struct Collection {
  const ResourceKind* kind = nullptr;
  std::string parent;
};
absl::StatusOr<Collection> FindCollection(const std::string& path);

// Set or read a field by name; for the fields that standard methods have. The field must exist,
// except that a flag is left out where there is none of its name.
void SetText(google::protobuf::Message& message, const std::string& field, std::string value);
void SetFlag(google::protobuf::Message& message, const std::string& field, bool value);
void SetNumber(google::protobuf::Message& message, const std::string& field, int32_t value);
std::string GetText(const google::protobuf::Message& message, const std::string& field);

// Whether a resource has fields that it may bring to a service only as it was recorded elsewhere
// (`as_recorded`), such as a state.
bool GivesRecorded(const google::protobuf::Message& resource);

// Clears what isn't the client's to say, nested fields included: OUTPUT_ONLY fields except those
// that an import brings along, and the etag; and the visibility where it is the default of the
// type.
void KeepContent(google::protobuf::Message& message);

// Clears what isn't the caller's to give, nested fields included: OUTPUT_ONLY fields, and the name.
void KeepGiven(google::protobuf::Message& message);

// Takes over from `stored` the fields that `given` leaves out and that an update of all fields then
// keeps: what can't be changed, what the server fills in, what only an import brings along; and
// those that an update keeps whatever is given.
void KeepWhatIsLeftOut(const google::protobuf::Message& stored, google::protobuf::Message& given);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_CONTRACT_H_
