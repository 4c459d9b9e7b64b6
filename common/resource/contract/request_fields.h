// The fields that requests of standard methods have in common (AIP-131 to 135, 155, 158, 163), by
// name.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_REQUEST_FIELDS_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_REQUEST_FIELDS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

namespace baliprocess::resource {

// The field called `name`, or nullptr.
inline const google::protobuf::FieldDescriptor* FieldOf(const google::protobuf::Message& message,
                                                        const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// Its value; empty, false or 0 when the request has no such field.
inline std::string StringField(const google::protobuf::Message& request, const std::string& name) {
  const auto* field = FieldOf(request, name);
  return field == nullptr ? std::string() : request.GetReflection()->GetString(request, field);
}
inline bool BoolField(const google::protobuf::Message& request, const std::string& name) {
  const auto* field = FieldOf(request, name);
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}
inline int IntField(const google::protobuf::Message& request, const std::string& name) {
  const auto* field = FieldOf(request, name);
  return field == nullptr ? 0 : request.GetReflection()->GetInt32(request, field);
}

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_REQUEST_FIELDS_H_
