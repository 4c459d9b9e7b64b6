// Single values of fields, read from text or from JSON (ProtoJSON: protobuf.dev,
// "ProtoJSON Format"), strictly: nothing is cut off, wrapped or rounded to fit.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_SCALAR_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_SCALAR_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

// A value as the request has it.
struct Scalar {
  enum class Kind {
    kText,      // a string of JSON
    kWord,      // text without a type: from a path, a query, or the key of a map
    kBool,      // a literal of JSON
    kInteger,   // a number of JSON that fits
    kUnsigned,  // a number of JSON that fits, but for int64
    kDecimal,   // any other number of JSON, as its text
  };
  Kind kind;
  std::string_view text;      // of kText, kWord and kDecimal
  int64_t integer = 0;        // of kInteger
  uint64_t unsigned_int = 0;  // of kUnsigned
  bool boolean = false;       // of kBool

  static Scalar Word(std::string_view word) { return {.kind = Kind::kWord, .text = word}; }
};

// Whether a field's values are single ones: scalars, and the messages that are written as such
// (Timestamp, Duration, FieldMask, wrappers).
bool IsSingleValue(const google::protobuf::FieldDescriptor& field);

// The field that a request calls `name`: its name in the proto, or its json_name; or nullptr.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& type,
                                                   const std::string& name);

// "", or the rule that setting the field would break because another field of its oneof is set.
std::string WhyNotBeside(const google::protobuf::Message& message,
                         const google::protobuf::FieldDescriptor& field);

// Sets the field to the value, or adds it to a repeated one. Returns "", or what the value must be
// as a rule for Violations, such as "must be an integer from -2147483648 to 2147483647"; then the
// field is as it was, or absent.
//
// - integers: numbers and text, in decimal digits or with an exponent (`1e3`), without a fraction
// - float types: numbers and text, `NaN`, `Infinity` and `-Infinity` too
// - bool: true and false
// - enums: a name, or a number (an unknown one too, where the enum is open)
// - bytes: base64 of either alphabet (RFC 4648 sections 4 and 5), padded or not
// - Timestamp: RFC 3339; Duration: seconds with an `s`; FieldMask: paths in either spelling
// - wrappers: what they wrap
std::string SetValue(google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor& field, const Scalar& value);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_SCALAR_H_
