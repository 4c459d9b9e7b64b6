#include "services/balictl/contract/cells.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "common/base/status_macros.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Whether the message has messages within it that are taken apart, which `field=value` can't say.
bool IsDeep(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return std::any_of(fields.begin(), fields.end(),
                     [](const FieldDescriptor* field) { return IsTakenApart(*field); });
}

std::string Element(const Message& message, const FieldDescriptor& field, int index) {
  if (IsTakenApart(field)) {
    const Message& element = message.GetReflection()->GetRepeatedMessage(message, &field, index);
    const auto json = IsDeep(element) ? ToJsonLine(element) : absl::StatusOr<std::string>("");
    if (json.ok() && !json->empty()) return *json;
  }
  if (field.enum_type() == nullptr) return TextOf(message, field, index);
  return message.GetReflection()->GetRepeatedEnum(message, &field, index)->name();
}

std::string Quoted(const std::string& element) {
  const bool plain = element.find_first_of(",;\"\r\n") == std::string::npos &&
                     absl::StripAsciiWhitespace(element).size() == element.size() &&
                     !element.empty();
  return plain ? element : absl::StrCat("\"", absl::StrReplaceAll(element, {{"\"", "\"\""}}), "\"");
}

// The elements of a list, without empty ones.
absl::StatusOr<std::vector<std::string>> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string> elements;
  std::string element;
  bool quoted = false;
  bool was_quoted = false;
  const auto add = [&] {
    if (!was_quoted) absl::StripAsciiWhitespace(&element);
    if (!element.empty()) elements.push_back(std::move(element));
    element.clear();
    was_quoted = false;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      element += text[i++];
    } else if (quoted ? c == '"' : c == '"' && absl::StripAsciiWhitespace(element).empty()) {
      if (!quoted) element.clear();
      was_quoted = true;
      quoted = !quoted;
    } else if (!quoted && separators.find(c) != std::string_view::npos) {
      add();
    } else if (quoted || !was_quoted || !absl::ascii_isspace(static_cast<unsigned char>(c))) {
      element += c;
    }
  }
  if (quoted) return UsageError("must be a list, each quote of which is closed");
  add();
  return elements;
}

absl::Status SetList(Message& message, const FieldDescriptor& field, std::string_view text) {
  if (IsTakenApart(field) && text.starts_with('{')) return SetValue(message, field, text);
  ASSIGN_OR_RETURN(const auto elements, Split(text, IsTakenApart(field) ? ";\r\n" : ",;\r\n"));
  for (const std::string& element : elements) RETURN_IF_ERROR(SetValue(message, field, element));
  return absl::OkStatus();
}

}  // namespace

std::string SheetCellOf(const Message& message, const FieldPath& path) {
  if (!path.back()->is_repeated()) return CellOf(message, path);
  const Message* at = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    at = &at->GetReflection()->GetMessage(*at, path[i]);
  }
  std::vector<std::string> elements;
  const int count = at->GetReflection()->FieldSize(*at, path.back());
  for (int i = 0; i < count; ++i) elements.push_back(Quoted(Element(*at, *path.back(), i)));
  return absl::StrJoin(elements, IsTakenApart(*path.back()) ? "; " : ", ");
}

absl::Status SetSheetCell(Message& message, const FieldPath& path, std::string_view text) {
  Message* at = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    at = at->GetReflection()->MutableMessage(at, path[i]);
  }
  return path.back()->is_repeated() ? SetList(*at, *path.back(), text)
                                    : SetValue(*at, *path.back(), text);
}

}  // namespace baliprocess::balictl
