#include "services/balictl/contract/json.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "common/base/status_macros.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;
using OrderedJson = nlohmann::ordered_json;

int LineAt(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + offset, '\n'));
}

// What is wrong with the text as JSON.
absl::Status CheckSyntax(std::string_view text) {
  if (nlohmann::json::accept(text)) return absl::OkStatus();
  // Only the throwing parser says where.
  try {
    if (!nlohmann::json::parse(text).is_discarded()) return absl::OkStatus();
  } catch (const nlohmann::json::parse_error& error) {
    const size_t offset = error.byte == 0 ? 0 : error.byte - 1;
    return absl::InvalidArgumentError(
        absl::StrCat("line ", LineAt(text, offset), ": isn't valid JSON"));
  } catch (const nlohmann::json::exception&) {
    // A number that is too large for any type.
  }
  return absl::InvalidArgumentError("isn't valid JSON");
}

absl::StatusOr<OrderedJson> ToOrdered(const Message& message) {
  ASSIGN_OR_RETURN(const std::string line, ToJsonLine(message));
  return OrderedJson::parse(line, nullptr, /*allow_exceptions=*/false);
}

std::string Indented(const OrderedJson& json) { return json.dump(2) + "\n"; }

}  // namespace

absl::StatusOr<std::string> ToJsonLine(const Message& message) {
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat("can't be written as JSON: ", status.ToString()));
  }
  return text;
}

absl::StatusOr<std::string> ToJson(const Message& message) {
  ASSIGN_OR_RETURN(const OrderedJson json, ToOrdered(message));
  return Indented(json);
}

absl::StatusOr<std::string> ToJson(const std::vector<const Message*>& messages) {
  OrderedJson list = OrderedJson::array();
  for (const Message* message : messages) {
    ASSIGN_OR_RETURN(OrderedJson json, ToOrdered(*message));
    list.push_back(std::move(json));
  }
  return Indented(list);
}

absl::Status FromJson(std::string_view text, Message& message) {
  RETURN_IF_ERROR(CheckSyntax(text));
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), &message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(status.message()));
}

absl::StatusOr<std::vector<JsonElement>> SplitArray(std::string_view text) {
  RETURN_IF_ERROR(CheckSyntax(text));
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '[') {
    return absl::InvalidArgumentError("isn't a JSON array");
  }
  // The text is valid, so that counting brackets outside of strings finds the elements.
  std::vector<JsonElement> elements;
  int depth = 0;
  int line = LineAt(text, first);
  bool in_string = false;
  size_t start = std::string_view::npos;  // of the element; npos before it
  int start_line = 0;
  const auto finish = [&](size_t end) {
    if (start == std::string_view::npos) return;
    const auto element =
        absl::StripTrailingAsciiWhitespace(absl::string_view(text.data() + start, end - start));
    elements.push_back({{element.data(), element.size()}, start_line});
    start = std::string_view::npos;
  };
  for (size_t i = first; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (depth == 1 && (c == ',' || c == ']')) finish(i);
    if (depth == 1 && start == std::string_view::npos && c != ',' && c != ']' &&
        !absl::ascii_isspace(static_cast<unsigned char>(c))) {
      start = i;
      start_line = line;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
  }
  return elements;
}

}  // namespace baliprocess::balictl
