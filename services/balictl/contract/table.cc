#include "services/balictl/contract/table.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/api/resource.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kGap = 2;
constexpr size_t kLeastWidth = 8;
constexpr size_t kLeastText = 16;  // of text that people wrote, in a table of resources

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
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Columns(row[i]));
  }
  size_t total = kGap * (widths.empty() ? 0 : widths.size() - 1);
  for (const size_t width : widths) total += width;
  while (limit != 0 && total > limit && widths.size() > 1) {
    const auto widest = std::max_element(widths.begin() + 1, widths.end());
    if (*widest <= kLeastWidth) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string TimeText(const Message& message) {
  google::protobuf::Timestamp time;
  time.CopyFrom(message);
  const absl::Time instant =
      absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", instant, absl::UTCTimeZone());
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
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsTime(*field) && !repeated) return TimeText(reflection->GetMessage(message, field));
      return TextOf(message, *field, index);
    default: {
      const std::string text = TextOf(message, *field, index);
      // A number that isn't known is 0 in the contract.
      return text == "0" && !repeated && !field->has_presence() ? "" : text;
    }
  }
}

// What a table of resources shows: what can be filtered by, amounts, and links.
bool IsShown(const FieldDescriptor& field) {
  const auto& rules = field.options().GetExtension(api::v1::field);
  return rules.filterable() || rules.format() == api::v1::FieldRules::URI ||
         field.message_type() == google::type::Money::descriptor();
}

bool IsReference(const FieldDescriptor& field) {
  return !field.options().GetExtension(google::api::resource_reference).type().empty();
}

// Text of people's own: the one that may be cut.
bool IsFreeText(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !IsReference(field) &&
         field.name() != "name";
}

// How soon people miss a column; the least is missed soonest.
int RankOf(const FieldPath& path) {
  const FieldDescriptor& field = *path.back();
  if (field.name() == "name" && path.size() == 1) return 0;
  if (field.name() == "display_name" || field.name() == "title") return path.size() == 1 ? 1 : 7;
  if (field.name() == "state") return 2;
  if (field.message_type() == google::type::Date::descriptor()) return 3;
  if (field.enum_type() != nullptr) return 4;
  if (field.message_type() == google::type::Money::descriptor()) return 5;
  return IsReference(field) ? 6 : 8;
}

// Adds the fields of `type` that are shown, and those of its messages, below `prefix`.
void AddColumns(const Descriptor* type, const FieldPath& prefix, std::vector<FieldPath>& columns) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    FieldPath path = prefix;
    path.push_back(field);
    if (IsShown(*field) && (!field->is_repeated() || field->message_type() == nullptr)) {
      columns.push_back(std::move(path));
    } else if (prefix.empty() && field->message_type() && !field->is_repeated()) {
      AddColumns(field->message_type(), path, columns);
    }
  }
}

}  // namespace

std::string FormatTable(std::vector<Row> rows, size_t width) {
  if (rows.size() < 2) return "";
  for (Row& row : rows) {
    for (std::string& cell : row) cell = SafeText(cell);
  }
  DropEmptyColumns(rows);
  const std::vector<size_t> widths = Widths(rows, width);
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell = CutTo(row[i], widths[i]);
      const size_t padding = i + 1 == row.size() ? 0 : widths[i] + kGap - Columns(cell);
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
  std::stable_sort(columns.begin(), columns.end(),
                   [](const FieldPath& a, const FieldPath& b) { return RankOf(a) < RankOf(b); });
  return columns;
}

std::vector<std::string> DropWhatDoesNotFit(std::vector<Row>& rows,
                                            const std::vector<FieldPath>& columns, size_t width) {
  std::vector<size_t> kept;  // columns with content
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool used =
        std::any_of(rows.begin() + 1, rows.end(), [i](const Row& row) { return !row[i].empty(); });
    if (used || i == 0) kept.push_back(i);
  }
  const auto least = [&](size_t column) {
    size_t widest = 0;
    for (const Row& row : rows) widest = std::max(widest, Columns(row[column]));
    return IsFreeText(*columns[column].back()) ? std::min(widest, kLeastText) : widest;
  };
  size_t total = 0;
  for (const size_t column : kept) total += least(column) + kGap;
  std::vector<std::string> dropped;
  while (width != 0 && total > width + kGap && kept.size() > 1) {
    total -= least(kept.back()) + kGap;
    dropped.insert(dropped.begin(), rows[0][kept.back()]);
    kept.pop_back();
  }
  for (Row& row : rows) {
    Row shorter;
    for (const size_t column : kept) shorter.push_back(std::move(row[column]));
    row = std::move(shorter);
  }
  return dropped;
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
