// JSON into messages (ProtoJSON: protobuf.dev, "ProtoJSON Format"), strictly, in one pass.
//
// Protocol Buffers' own reader (3.21) isn't used: it takes what isn't JSON (single quotes, names
// without quotes, a comma at the end, control characters in strings), a member given twice, one
// value for a list, a null within a list, an object for a wrapper or a Timestamp and hexadecimal
// numbers; it tells one error, with the refused value in it and often without the field. The syntax
// is nlohmann-json's, whose errors are told by place.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_READER_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_READER_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

#include "common/base/errors.h"

namespace baliprocess::gateway {

// How deep objects and lists may be within each other: as deep as Protocol Buffers reads messages.
inline constexpr int kMostJsonDepth = 100;
// Of objects, and of what lists and maps have, in one text: `{}` in a list takes three bytes there,
// and a hundred as a message. (One of those counts twice: as an object, and in its list.)
inline constexpr size_t kMostJsonValues = 100'000;

// Reads the JSON of a request into `message`, which is empty. MALFORMED_REQUEST if the text isn't
// JSON (RFC 8259, in UTF-8) or beyond the limits above; the places that aren't what the message has
// are `violations`: unknown members, members given twice or in both spellings, values that aren't
// of their field's type (SetValue tells which are), a null in a list, two fields of a oneof. A null
// otherwise leaves a field absent, but for google.protobuf.Value. An Any is refused as a violation:
// no request of ours has one, and its type may come last, after all that it decides on.
absl::Status ReadJson(std::string_view json, google::protobuf::Message& message,
                      Violations& violations);

// Reads the JSON of one field into `message`, which lacks it: a list for a repeated field, an
// object for a message, and so on.
absl::Status ReadJsonField(std::string_view json, const google::protobuf::FieldDescriptor& field,
                           google::protobuf::Message& message, Violations& violations);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_READER_H_
