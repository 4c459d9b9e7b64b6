#include "services/balictl/contract/table.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/date.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kGap = 2;
constexpr size_t kLeastWidth = 8;

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// In code points: close enough to columns of a terminal for the names at hand.
size_t Length(const std::string& text) {
  return std::count_if(text.begin(), text.end(), StartsCharacter);
}

// Cut to `width` characters; line feeds and tabs become spaces, other control characters, which
// could steer the terminal, a question mark.
std::string Fit(const std::string& text, size_t width) {
  const bool cut = Length(text) > width;
  std::string result;
  size_t length = 0;
  for (const char c : text) {
    if (StartsCharacter(c) && ++length > width - (cut ? 1 : 0)) break;
    const bool space = c == '\n' || c == '\t';
    result += space ? ' ' : absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? '?' : c;
  }
  return cut ? result + "…" : result;
}

void DropEmptyColumns(std::vector<Row>& rows) {
  for (size_t column = rows[0].size(); column-- > 0;) {
    const bool used = std::any_of(rows.begin() + 1, rows.end(),
                                  [&](const Row& row) { return !row[column].empty(); });
    if (used) continue;
    for (Row& row : rows) row.erase(row.begin() + static_cast<ptrdiff_t>(column));
  }
}

std::vector<size_t> Widths(const std::vector<Row>& rows, size_t limit) {
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Length(row[i]));
  }
  size_t total = kGap * (widths.empty() ? 0 : widths.size() - 1);
  for (const size_t width : widths) total += width;
  while (limit != 0 && total > limit) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastWidth) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string DateText(const Message& message) {
  google::type::Date date;
  date.CopyFrom(message);
  return FormatDate(date);
}

std::string TimeText(const Message& message) {
  google::protobuf::Timestamp time;
  time.CopyFrom(message);
  const absl::Time instant =
      absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", instant, absl::UTCTimeZone());
}

bool IsDate(const FieldDescriptor& field) {
  return field.message_type() == google::type::Date::descriptor();
}

bool IsTime(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Timestamp::descriptor();
}

// A value that isn't a list: `index` is -1 for a singular field.
std::string ValueText(const Message& message, const FieldDescriptor* field, int index) {
  const auto* reflection = message.GetReflection();
  const bool repeated = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection->GetRepeatedString(message, field, index)
                      : reflection->GetString(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (repeated ? reflection->GetRepeatedBool(message, field, index)
                       : reflection->GetBool(message, field))
                 ? "yes"
                 : "";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = repeated ? reflection->GetRepeatedEnum(message, field, index)
                                   : reflection->GetEnum(message, field);
      return value->number() == 0 ? "" : value->name();
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(repeated ? reflection->GetRepeatedInt32(message, field, index)
                                   : reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(repeated ? reflection->GetRepeatedInt64(message, field, index)
                                   : reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(repeated ? reflection->GetRepeatedDouble(message, field, index)
                                   : reflection->GetDouble(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& value = repeated ? reflection->GetRepeatedMessage(message, field, index)
                                      : reflection->GetMessage(message, field);
      if (IsDate(*field)) return DateText(value);
      if (IsTime(*field)) return TimeText(value);
      return value.ShortDebugString();
    }
    default:
      return "?";
  }
}

bool IsFilterable(const FieldDescriptor& field) {
  return field.options().GetExtension(api::v1::field).filterable();
}

// Adds the filterable fields of `type`, and those of its messages, below `prefix`.
void AddColumns(const Descriptor* type, const FieldPath& prefix, std::vector<FieldPath>& columns) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    FieldPath path = prefix;
    path.push_back(field);
    if (IsFilterable(*field)) {
      columns.push_back(std::move(path));
    } else if (prefix.empty() && field->message_type() && !field->is_repeated()) {
      AddColumns(field->message_type(), path, columns);
    }
  }
}

}  // namespace

std::string FormatTable(std::vector<Row> rows, size_t width) {
  if (rows.size() < 2) return "";
  DropEmptyColumns(rows);
  const std::vector<size_t> widths = Widths(rows, width);
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell = Fit(row[i], widths[i]);
      const size_t padding = i + 1 == row.size() ? 0 : widths[i] + kGap - Length(cell);
      absl::StrAppend(&line, cell, std::string(padding, ' '));
    }
    absl::StrAppend(&text, std::string(absl::StripTrailingAsciiWhitespace(line)), "\n");
  }
  return text;
}

std::vector<FieldPath> ColumnsOf(const Descriptor* type, bool with_deleted) {
  std::vector<FieldPath> columns = {{type->FindFieldByName("name")}};
  std::vector<FieldPath> filterable;
  AddColumns(type, {}, filterable);
  for (FieldPath& path : filterable) {
    const std::string& name = path[0]->name();
    const bool of_record = name == "name" || name == "create_time" || name == "update_time" ||
                           name == "visibility" || (name == "delete_time" && !with_deleted);
    if (!of_record) columns.push_back(std::move(path));
  }
  return columns;
}

std::string TitleOf(const FieldPath& path) {
  return absl::StrJoin(path, ".", [](std::string* out, const FieldDescriptor* field) {
    absl::StrAppend(out, field->name());
  });
}

std::string CellOf(const Message& message, const FieldPath& path) {
  const Message* at = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (!at->GetReflection()->HasField(*at, path[i])) return "";
    at = &at->GetReflection()->GetMessage(*at, path[i]);
  }
  const FieldDescriptor* field = path.back();
  const auto* reflection = at->GetReflection();
  if (!field->is_repeated()) {
    return !field->has_presence() || reflection->HasField(*at, field) ? ValueText(*at, field, -1)
                                                                      : "";
  }
  const int count = reflection->FieldSize(*at, field);
  std::vector<std::string> values;
  values.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    values.push_back(ValueText(*at, field, i));
  }
  return absl::StrJoin(values, ", ");
}

std::vector<Row> ResourceRows(const std::vector<const Message*>& resources,
                              const std::vector<FieldPath>& columns) {
  std::vector<Row> rows(1);
  for (const FieldPath& column : columns) {
    rows[0].push_back(absl::AsciiStrToUpper(TitleOf(column)));
  }
  for (const Message* resource : resources) {
    Row& row = rows.emplace_back();
    for (const FieldPath& column : columns) row.push_back(CellOf(*resource, column));
  }
  return rows;
}

}  // namespace baliprocess::balictl
