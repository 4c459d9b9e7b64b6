#include "services/balictl/contract/values.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/resource.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"
#include "google/type/timeofday.pb.h"

#include "common/base/date.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/moments.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/nearest.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The value types, and how their values are written.
struct ValueType {
  const Descriptor* type;
  std::string_view form;      // in the help
  std::string_view expected;  // after "must be"
};

const std::vector<ValueType>& ValueTypes() {
  static const auto& types = *new std::vector<ValueType>{
      {google::type::Date::descriptor(), "DATE", "a date such as 2025, 2025-02 or 2025-02-14"},
      {google::protobuf::Timestamp::descriptor(), "TIME",
       "a time with its zone such as 2025-02-14T12:00:00Z or '2025-02-14 12:00 Asia/Jakarta'"},
      {google::type::TimeOfDay::descriptor(), "HH:MM", "a time of day such as 09:30"},
      {google::protobuf::Duration::descriptor(), "DURATION", "a duration such as 72h, 30m or 7d"},
      {google::type::Money::descriptor(), "'AMOUNT CURRENCY'",
       "an amount with its currency such as '2500000 AUD'"},
      {google::protobuf::FieldMask::descriptor(), "FIELDS", "names of fields with commas"},
  };
  return types;
}

const ValueType* ValueTypeOf(const Descriptor* type) {
  const auto found = std::find_if(ValueTypes().begin(), ValueTypes().end(),
                                  [type](const ValueType& one) { return one.type == type; });
  return found == ValueTypes().end() ? nullptr : &*found;
}

absl::Status MustBe(std::string_view expected, std::string_view text) {
  return UsageError(
      absl::StrCat("must be ", std::string(expected), ", not \"", std::string(text), "\""));
}

bool ReadInto(std::string_view text, google::type::Date& date) {
  const auto read = ParseDate(text);
  if (read) date = *read;
  return read.has_value();
}

bool ReadInto(std::string_view text, google::protobuf::Timestamp& time) {
  const auto moment = ParseMoment(text);
  if (!moment) return false;
  const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(*moment));
  time.set_seconds(absl::ToUnixSeconds(whole));
  time.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(*moment - whole)));
  return true;
}

bool ReadInto(std::string_view text, google::type::TimeOfDay& time) {
  const auto read = ParseTimeOfDay(text);
  if (read) time = *read;
  return read.has_value();
}

bool ReadInto(std::string_view text, google::protobuf::Duration& duration) {
  const auto read = ParseSpan(text);
  if (!read) return false;
  absl::Duration rest;
  duration.set_seconds(absl::IDivDuration(*read, absl::Seconds(1), &rest));
  duration.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return true;
}

bool ReadInto(std::string_view text, google::type::Money& money) {
  const auto read = ParseMoney(text);
  if (read) money = *read;
  return read.has_value();
}

bool ReadInto(std::string_view text, google::protobuf::FieldMask& mask) {
  for (const auto path :
       absl::StrSplit(absl::string_view(text.data(), text.size()), ',', absl::SkipWhitespace())) {
    mask.add_paths(std::string(absl::StripAsciiWhitespace(path)));
  }
  return true;
}

template <typename T>
bool ReadAs(std::string_view text, Message& message) {
  T value;
  if (!ReadInto(text, value)) return false;
  message.CopyFrom(value);
  return true;
}

bool ReadValue(std::string_view text, Message& message) {
  const Descriptor* type = message.GetDescriptor();
  if (type == google::type::Date::descriptor()) return ReadAs<google::type::Date>(text, message);
  if (type == google::protobuf::Timestamp::descriptor()) {
    return ReadAs<google::protobuf::Timestamp>(text, message);
  }
  if (type == google::type::TimeOfDay::descriptor()) {
    return ReadAs<google::type::TimeOfDay>(text, message);
  }
  if (type == google::protobuf::Duration::descriptor()) {
    return ReadAs<google::protobuf::Duration>(text, message);
  }
  if (type == google::type::Money::descriptor()) return ReadAs<google::type::Money>(text, message);
  return ReadAs<google::protobuf::FieldMask>(text, message);
}

const EnumValueDescriptor* FindValue(const EnumDescriptor& type, std::string_view text) {
  const std::string wanted = Folded(text);
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor* value = type.value(i);
    if (value->number() != 0 && Folded(value->name()) == wanted) return value;
  }
  return nullptr;
}

absl::Status SetEnum(Message& message, const FieldDescriptor& field, std::string_view text) {
  const EnumValueDescriptor* value = FindValue(*field.enum_type(), text);
  if (value == nullptr) {
    const std::vector<std::string> words = WordsOf(*field.enum_type());
    return UsageError(absl::StrCat("must be one of ", absl::StrJoin(words, ", "), ", not \"",
                                   std::string(text), "\".", DidYouMean(text, words)));
  }
  const auto* reflection = message.GetReflection();
  field.is_repeated() ? reflection->AddEnum(&message, &field, value)
                      : reflection->SetEnum(&message, &field, value);
  return absl::OkStatus();
}

// The name of a resource that is given by its id alone, where the type has no parent.
std::string CompletedName(const FieldDescriptor& field, std::string_view text) {
  const std::string& type = field.options().GetExtension(google::api::resource_reference).type();
  const resource::NamePattern* pattern = resource::PatternOfType(type);
  const bool is_id = !resource::WhyInvalidId(text);
  return pattern != nullptr && pattern->IsTopLevel() && is_id ? pattern->Make("", text)
                                                              : std::string(text);
}

void SetString(Message& message, const FieldDescriptor& field, std::string value) {
  const auto* reflection = message.GetReflection();
  field.is_repeated() ? reflection->AddString(&message, &field, std::move(value))
                      : reflection->SetString(&message, &field, std::move(value));
}

absl::Status SetBool(Message& message, const FieldDescriptor& field, std::string_view text) {
  const std::string word = absl::AsciiStrToLower(std::string(text));
  const bool yes = word == "yes" || word == "true";
  if (!yes && word != "no" && word != "false") return MustBe("yes or no", text);
  message.GetReflection()->SetBool(&message, &field, yes);
  return absl::OkStatus();
}

absl::Status SetNumberText(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto* reflection = message.GetReflection();
  const absl::string_view digits(text.data(), text.size());
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    double value = 0;
    if (!absl::SimpleAtod(digits, &value)) return MustBe("a number", text);
    reflection->SetDouble(&message, &field, value);
    return absl::OkStatus();
  }
  int64_t value = 0;
  if (!absl::SimpleAtoi(digits, &value)) return MustBe("a whole number", text);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    reflection->SetInt64(&message, &field, value);
    return absl::OkStatus();
  }
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    return MustBe("a whole number of at most ten digits", text);
  }
  const auto number = static_cast<int32_t>(value);
  field.is_repeated() ? reflection->AddInt32(&message, &field, number)
                      : reflection->SetInt32(&message, &field, number);
  return absl::OkStatus();
}

// `a=1,b="x, ""y"""` as its parts, `a=1` and `b=x, "y"`: a value in double quotes may have commas,
// and double quotes twice. nullopt when a quote isn't closed.
std::optional<std::vector<std::string>> SplitParts(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool twice = quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"';
    const bool opens = !quoted && c == '"' && i > 0 && text[i - 1] == '=';
    if (twice) {
      parts.back() += text[i++];
    } else if (opens || (quoted && c == '"')) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  return parts;
}

absl::Status SetParts(Message& message, std::string_view text) {
  if (text.starts_with('{')) {
    const absl::Status read = FromJson(text, message);
    return read.ok() ? read : UsageError(std::string(read.message()));
  }
  const auto parts = SplitParts(text);
  if (!parts) return MustBe("field=value with commas, each quote closed", text);
  for (const std::string& part : *parts) {
    const size_t equals = part.find('=');
    if (equals == std::string::npos) {
      return MustBe("field=value with commas, such as title=Minutes,uri=https://a.example", text);
    }
    RETURN_IF_ERROR(SetValueAt(message, part.substr(0, equals), part.substr(equals + 1)));
  }
  return absl::OkStatus();
}

absl::Status SetMessage(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto* reflection = message.GetReflection();
  Message& value = field.is_repeated() ? *reflection->AddMessage(&message, &field)
                                       : *reflection->MutableMessage(&message, &field);
  const ValueType* type = ValueTypeOf(field.message_type());
  if (type == nullptr) return SetParts(value, text);
  return ReadValue(text, value) ? absl::OkStatus() : MustBe(type->expected, text);
}

const FieldDescriptor* FindField(const Descriptor& type, std::string_view name) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (Folded(type.field(i)->name()) == Folded(name)) return type.field(i);
  }
  return nullptr;
}

absl::Status NoField(const Descriptor& type, std::string_view name) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return UsageError(absl::StrCat("there is no field ", std::string(name), "; there are ",
                                 absl::StrJoin(names, ", "), ".", DidYouMean(name, names)));
}

absl::Status WithPath(const absl::Status& status, std::string_view path) {
  return status.ok() ? status : UsageError(absl::StrCat(std::string(path), " ", status.message()));
}

}  // namespace

bool IsTakenApart(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !IsValueType(*field.message_type());
}

bool IsValueType(const Descriptor& type) { return ValueTypeOf(&type) != nullptr; }

std::vector<std::string> WordsOf(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) words.push_back(WordOf(*type.value(i)));
  }
  return words;
}

absl::Status SetValue(Message& message, const FieldDescriptor& field, std::string_view text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      SetString(message, field, CompletedName(field, text));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(message, field, text);
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(message, field, text);
    default:
      return SetNumberText(message, field, text);
  }
}

absl::Status SetValueAt(Message& message, std::string_view path, std::string_view text) {
  const size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  const FieldDescriptor* field = FindField(*message.GetDescriptor(), name);
  if (field == nullptr) return NoField(*message.GetDescriptor(), name);
  if (dot == std::string_view::npos) return WithPath(SetValue(message, *field, text), name);
  if (field->is_repeated() || field->message_type() == nullptr) {
    return UsageError(absl::StrCat(std::string(name), " has no fields"));
  }
  Message& child = *message.GetReflection()->MutableMessage(&message, field);
  return WithPath(SetValueAt(child, path.substr(dot + 1), text),
                  absl::StrCat(std::string(name), "'s"));
}

std::string FormOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.options().GetExtension(google::api::resource_reference).type().empty() ? "TEXT"
                                                                                          : "NAME";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "yes|no";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrJoin(WordsOf(*field.enum_type()), "|");
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const ValueType* type = ValueTypeOf(field.message_type());
      return type != nullptr ? std::string(type->form) : "FIELD=VALUE,...";
    }
    default:
      return "NUMBER";
  }
}

}  // namespace baliprocess::balictl
