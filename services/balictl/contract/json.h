// Messages as JSON, in the mapping of Protocol Buffers.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_JSON_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_JSON_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baliprocess::balictl {

// On one line, without line feed.
absl::StatusOr<std::string> ToJsonLine(const google::protobuf::Message& message);

// Indented, with line feed. Fields in the order of their numbers.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);

// An array of messages, indented, with line feed.
absl::StatusOr<std::string> ToJson(const std::vector<const google::protobuf::Message*>& messages);

// The text says where the JSON is wrong (`line 3: ...`), or which field and why. Unknown fields
// are errors.
absl::Status FromJson(std::string_view text, google::protobuf::Message& message);

// An element of a JSON array, as it is written.
struct JsonElement {
  std::string_view text;
  int line = 0;  // its first, from 1
};

// The elements of the array that `text` is. The views are into `text`.
absl::StatusOr<std::vector<JsonElement>> SplitArray(std::string_view text);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_JSON_H_
