// Reading the fields of any message by reflection.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_FIELD_VALUES_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_FIELD_VALUES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace baliprocess::resource {

// Whether the field is set; of a list, whether it has elements.
inline bool HasValue(const google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor* field) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

// Calls `visit` with each message that is in the field.
template <typename Visit>
void ForEachMessage(google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor* field, const Visit& visit) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  if (!field->is_repeated()) {
    if (reflection->HasField(message, field)) visit(*reflection->MutableMessage(&message, field));
    return;
  }
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    visit(*reflection->MutableRepeatedMessage(&message, field, i));
  }
}

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_FIELD_VALUES_H_
