// Messages as JSON (ProtoJSON: protobuf.dev, "ProtoJSON Format"), on one line.
//
// - Names are json_names; enums are names (a number where the enum has no such value); 64-bit
//   integers are strings; bytes are base64.
// - Fields without presence are always there: "", 0, false, [] and {} too, and an enum's first
//   value. A program can then read `member.otherNames.length` without asking whether there is a
//   list, and a client generated from the OpenAPI document has types without `undefined`. Fields
//   with presence (messages, `optional`, oneofs) are there when they are set, so that absence still
//   tells something.
// - An Any whose type isn't in the pool of the whole message's type is its type and its bytes:
//   {"@type": "...", "value": "base64"}.
// - A Timestamp or a Duration out of range is null. Unknown fields are left out.
//
// Protocol Buffers' own writer (3.21) isn't used: it takes about ten times as long, and fails as a
// whole for an Any whose type it doesn't know.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_WRITER_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_WRITER_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace baliprocess::gateway {

// Appends the JSON of a message.
void AppendJson(const google::protobuf::Message& message, std::string& json);

// Appends the JSON of one field's value: a list for a repeated field; null for a field with
// presence that isn't set.
void AppendJsonField(const google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor& field, std::string& json);

// Appends UTF-8 text as a string of JSON.
void AppendJsonString(std::string_view text, std::string& json);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_WRITER_H_
