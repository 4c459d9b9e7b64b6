// The limits of a field, by its rules (baliprocess/api/v1/field.proto) or by default.

#ifndef BALIPROCESS_COMMON_BASE_FIELD_LIMITS_H_
#define BALIPROCESS_COMMON_BASE_FIELD_LIMITS_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>

#include "baliprocess/api/v1/field.pb.h"

namespace baliprocess {

// The most characters (Unicode code points) of a string.
inline uint32_t MaxLengthOf(const google::protobuf::FieldDescriptor* field) {
  const uint32_t most = field->options().GetExtension(api::v1::field).max_length();
  return most > 0 ? most : 1000;
}

// The most elements of a repeated field.
inline uint32_t MaxItemsOf(const google::protobuf::FieldDescriptor* field) {
  const uint32_t most = field->options().GetExtension(api::v1::field).max_items();
  return most > 0 ? most : 100;
}

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_FIELD_LIMITS_H_
