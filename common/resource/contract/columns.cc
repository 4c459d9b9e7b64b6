#include "common/resource/contract/columns.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_replace.h"
#include "google/api/resource.pb.h"
#include "google/type/date.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/date.h"
#include "common/resource/contract/text_form.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using storage::Value;

// The kind of column that a field can have; nullopt when it can have none.
std::optional<ColumnKind> KindOf(const FieldDescriptor* field) {
  if (field->is_repeated()) {
    if (field->type() == FieldDescriptor::TYPE_STRING) return ColumnKind::kTextList;
    return std::nullopt;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() != FieldDescriptor::TYPE_STRING) return std::nullopt;
      return ColumnKind::kText;
    case FieldDescriptor::CPPTYPE_ENUM:
      return ColumnKind::kEnum;
    case FieldDescriptor::CPPTYPE_BOOL:
      return ColumnKind::kBool;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
      return ColumnKind::kInt;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ColumnKind::kDouble;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->message_type() == google::type::Date::descriptor()) return ColumnKind::kDate;
      if (field->message_type() == google::protobuf::Timestamp::descriptor())
        return ColumnKind::kTime;
      return std::nullopt;
    default:  // 64-bit unsigned numbers don't fit a BIGINT
      return std::nullopt;
  }
}

// Where in the resource the walk is.
struct Place {
  std::string prefix;  // `term.`
  std::vector<const FieldDescriptor*> fields;
  api::v1::Visibility::Level visibility = api::v1::Visibility::LEVEL_UNSPECIFIED;
};

void AddColumns(const Descriptor* type, const Place& place, std::vector<Column>& columns) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const api::v1::FieldRules& rules = field->options().GetExtension(api::v1::field);
    Column column;
    column.path = place.prefix + field->name();
    column.fields = place.fields;
    column.fields.push_back(field);
    column.visibility = std::max(place.visibility, rules.visibility());
    const std::optional<ColumnKind> kind = KindOf(field);
    const bool is_name = place.fields.empty() && field->name() == "name";
    if (kind && (rules.filterable() || is_name)) {
      column.name = absl::StrReplaceAll(column.path, {{".", "_"}});
      column.kind = *kind;
      column.enum_type = *kind == ColumnKind::kEnum ? field->enum_type() : nullptr;
      const auto& reference = field->options().GetExtension(google::api::resource_reference);
      const bool refers = field->options().HasExtension(google::api::resource_reference);
      const bool list = *kind == ColumnKind::kTextList;
      column.text = IsText(*field);
      column.indexed = !list && (rules.indexed() || refers);
      column.in_references = list && !reference.type().empty() && reference.type() != "*";
      columns.insert(is_name ? columns.begin() : columns.end(), std::move(column));
      continue;
    }
    // A message within itself would have columns without end.
    const bool is_singular_message = !field->is_repeated() && field->message_type() != nullptr;
    if (!is_singular_message || kind || field->message_type() == type ||
        std::any_of(place.fields.begin(), place.fields.end(), [&](const FieldDescriptor* above) {
          return above->message_type() == field->message_type();
        })) {
      continue;
    }
    AddColumns(field->message_type(), {column.path + ".", column.fields, column.visibility},
               columns);
  }
}

void AppendText(const Message& message, const FieldDescriptor* field, std::vector<Value>& values) {
  std::string scratch;
  values.emplace_back(message.GetReflection()->GetStringReference(message, field, &scratch));
}

void AppendList(const Message& message, const FieldDescriptor* field, std::vector<Value>& values) {
  const Reflection* reflection = message.GetReflection();
  std::string joined;
  const int size = reflection->FieldSize(message, field);
  for (int i = 0; i < size; ++i) {
    if (i == 0) joined += kListSeparator;
    joined += reflection->GetRepeatedString(message, field, i);
    joined += kListSeparator;
  }
  values.emplace_back(std::move(joined));
}

int64_t IntOf(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(message, field);
    default:
      return reflection->GetInt64(message, field);
  }
}

double DoubleOf(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT)
    return static_cast<double>(reflection->GetFloat(message, field));
  return reflection->GetDouble(message, field);
}

void AppendDate(const Message& message, std::vector<Value>& values) {
  const auto& date = static_cast<const google::type::Date&>(message);
  // Input is validated; a bad date from elsewhere is as good as none.
  if (WhyInvalid(date)) {
    values.resize(values.size() + 2);
    return;
  }
  const DayRange days = DaysOf(date);
  values.emplace_back(int64_t{days.first});
  values.emplace_back(int64_t{days.last});
}

void AppendTime(const Message& message, std::vector<Value>& values) {
  const auto& time = static_cast<const google::protobuf::Timestamp&>(message);
  values.emplace_back(time.seconds() * 1'000'000 + time.nanos() / 1000);
}

}  // namespace

std::vector<Column> ColumnsOf(const Descriptor* type) {
  std::vector<Column> columns;
  AddColumns(type, {}, columns);
  return columns;
}

const Column* FindColumn(const std::vector<Column>& columns, std::string_view path) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& column) { return column.path == path; });
  return found == columns.end() ? nullptr : &*found;
}

std::vector<std::string> SqlNamesOf(const Column& column) {
  if (column.kind == ColumnKind::kDate) return {column.name + "_first", column.name + "_last"};
  return {column.name};
}

std::vector<std::string> DeclarationsOf(const Column& column) {
  std::vector<std::string> declarations = SqlNamesOf(column);
  for (std::string& declaration : declarations) {
    switch (column.kind) {
      case ColumnKind::kText:
      case ColumnKind::kTextList:
        declaration += " TEXT NOT NULL DEFAULT ''";
        break;
      case ColumnKind::kEnum:
      case ColumnKind::kInt:
        declaration += " BIGINT NOT NULL DEFAULT 0";
        break;
      case ColumnKind::kBool:
        declaration += " BOOLEAN NOT NULL DEFAULT FALSE";
        break;
      case ColumnKind::kDouble:
        declaration += " DOUBLE PRECISION NOT NULL DEFAULT 0";
        break;
      case ColumnKind::kDate:
      case ColumnKind::kTime:
        declaration += " BIGINT";
        break;
    }
  }
  return declarations;
}

void AppendValues(const Column& column, const Message& message, std::vector<Value>& values) {
  const Message* holder = &message;
  for (size_t i = 0; i + 1 < column.fields.size(); ++i) {
    holder = &holder->GetReflection()->GetMessage(*holder, column.fields[i]);
  }
  const FieldDescriptor* field = column.fields.back();
  const Reflection* reflection = holder->GetReflection();
  switch (column.kind) {
    case ColumnKind::kText:
      return AppendText(*holder, field, values);
    case ColumnKind::kTextList:
      return AppendList(*holder, field, values);
    case ColumnKind::kEnum:
      values.emplace_back(int64_t{reflection->GetEnumValue(*holder, field)});
      return;
    case ColumnKind::kBool:
      values.emplace_back(reflection->GetBool(*holder, field));
      return;
    case ColumnKind::kInt:
      values.emplace_back(IntOf(*holder, field));
      return;
    case ColumnKind::kDouble:
      values.emplace_back(DoubleOf(*holder, field));
      return;
    case ColumnKind::kDate:
    case ColumnKind::kTime: {
      if (!reflection->HasField(*holder, field)) {
        values.resize(values.size() + SqlNamesOf(column).size());
        return;
      }
      const Message& value = reflection->GetMessage(*holder, field);
      column.kind == ColumnKind::kDate ? AppendDate(value, values) : AppendTime(value, values);
      return;
    }
  }
}

}  // namespace baliprocess::resource
