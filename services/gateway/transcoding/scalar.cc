#include "services/gateway/transcoding/scalar.h"

#include <google/protobuf/timestamp.pb.h>

#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "services/gateway/transcoding/decimal.h"
#include "services/gateway/transcoding/times.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = Scalar::Kind;

bool IsTextual(const Scalar& value) {
  return value.kind == Kind::kText || value.kind == Kind::kWord;
}

// ---- What text or JSON says, as a value of a type.

template <typename T>
std::optional<T> ToInteger(const Scalar& value) {
  if (value.kind == Kind::kBool) return std::nullopt;
  if (value.kind == Kind::kInteger) {
    if (!std::in_range<T>(value.integer)) return std::nullopt;
    return static_cast<T>(value.integer);
  }
  if (value.kind == Kind::kUnsigned) {
    if (!std::in_range<T>(value.unsigned_int)) return std::nullopt;
    return static_cast<T>(value.unsigned_int);
  }
  const auto number = ReadWholeNumber(value.text);
  if (!number) return std::nullopt;
  if (!number->negative) {
    if (!std::in_range<T>(number->magnitude)) return std::nullopt;
    return static_cast<T>(number->magnitude);
  }
  constexpr uint64_t kMostNegative = uint64_t{1} << 63;
  if (number->magnitude > kMostNegative) return std::nullopt;
  const int64_t negative = static_cast<int64_t>(~number->magnitude + 1);
  if (!std::in_range<T>(negative)) return std::nullopt;
  return static_cast<T>(negative);
}

template <typename T>
std::optional<T> ToFloating(const Scalar& value) {
  if (value.kind == Kind::kBool) return std::nullopt;
  if (value.kind == Kind::kInteger) return static_cast<T>(value.integer);
  if (value.kind == Kind::kUnsigned) return static_cast<T>(value.unsigned_int);
  if (IsTextual(value)) {
    if (value.text == "NaN") return std::numeric_limits<T>::quiet_NaN();
    if (value.text == "Infinity") return std::numeric_limits<T>::infinity();
    if (value.text == "-Infinity") return -std::numeric_limits<T>::infinity();
  }
  if constexpr (std::is_same_v<T, float>) {
    return ReadFloat(value.text);
  } else {
    return ReadDouble(value.text);
  }
}

std::optional<bool> ToBool(const Scalar& value) {
  if (value.kind == Kind::kBool) return value.boolean;
  if (value.kind != Kind::kWord) return std::nullopt;
  if (value.text == "true") return true;
  if (value.text == "false") return false;
  return std::nullopt;
}

std::optional<int> ToEnum(const Scalar& value, const EnumDescriptor& type) {
  if (IsTextual(value)) {
    const EnumValueDescriptor* named = type.FindValueByName(std::string(value.text));
    if (named != nullptr) return named->number();
    if (value.kind == Kind::kText) return std::nullopt;
  }
  const std::optional<int32_t> number = ToInteger<int32_t>(value);
  const bool open = type.file()->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO3;
  if (number && !open && type.FindValueByNumber(*number) == nullptr) return std::nullopt;
  return number;
}

std::optional<std::string> ToBytes(const Scalar& value) {
  if (!IsTextual(value)) return std::nullopt;
  std::string text(value.text);
  for (char& c : text) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes)) return std::nullopt;
  // Bits after the last byte would be lost.
  const std::string again = absl::Base64Escape(bytes);
  const auto digits = [](const std::string& base64) { return base64.substr(0, base64.find('=')); };
  if (digits(again) != digits(text)) return std::nullopt;
  return bytes;
}

// A path of a FieldMask in the protos' spelling, from either.
std::string SnakeCase(absl::string_view path) {
  std::string snake;
  for (const char c : path) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) snake.push_back('_');
    snake.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return snake;
}

// ---- Rules that a value breaks.

template <typename T>
std::string IntegerRule() {
  return absl::StrCat("must be an integer from ", std::numeric_limits<T>::min(), " to ",
                      std::numeric_limits<T>::max());
}

std::string EnumRule(const EnumDescriptor& type) {
  constexpr int kMostNames = 20;
  std::string names;
  for (int i = 0; i < type.value_count() && i < kMostNames; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", type.value(i)->name());
  }
  if (type.value_count() > kMostNames) names.append(" and others");
  return absl::StrCat("must be the name or number of a ", type.full_name(), ": ", names);
}

constexpr char kFloatRule[] = "must be a number within the range of its type, NaN or Infinity";
constexpr char kBoolRule[] = "must be true or false";
constexpr char kStringRule[] = "must be a string";
constexpr char kBytesRule[] = "must be bytes in base64";
constexpr char kTimestampRule[] = "must be a time (RFC 3339), such as 2024-05-02T09:30:00Z";
constexpr char kDurationRule[] = "must be seconds, such as 1.5s";
constexpr char kMaskRule[] = "must be the paths of fields, such as displayName,term.startDate";

// ---- Setting fields.

// Sets the field, or adds to it, by the two functions of reflection for its type; `value` is
// nothing where `rule` is broken.
template <typename Value, typename Stored>
std::string Put(Message& message, const FieldDescriptor& field, const std::optional<Value>& value,
                void (Reflection::*set)(Message*, const FieldDescriptor*, Stored) const,
                void (Reflection::*add)(Message*, const FieldDescriptor*, Stored) const,
                const char* rule) {
  if (!value) return rule;
  const Reflection& reflection = *message.GetReflection();
  (reflection.*(field.is_repeated() ? add : set))(&message, &field, *value);
  return "";
}

template <typename T>
std::string PutInteger(Message& message, const FieldDescriptor& field, const Scalar& value,
                       void (Reflection::*set)(Message*, const FieldDescriptor*, T) const,
                       void (Reflection::*add)(Message*, const FieldDescriptor*, T) const) {
  const std::optional<T> integer = ToInteger<T>(value);
  if (!integer) return IntegerRule<T>();
  return Put(message, field, integer, set, add, "");
}

std::string PutString(Message& message, const FieldDescriptor& field, const Scalar& value) {
  const bool bytes = field.type() == FieldDescriptor::TYPE_BYTES;
  std::optional<std::string> text;
  if (bytes) {
    text = ToBytes(value);
  } else if (IsTextual(value)) {
    text = std::string(value.text);
  }
  if (!text) return bytes ? kBytesRule : kStringRule;
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) {
    reflection.AddString(&message, &field, *std::move(text));
  } else {
    reflection.SetString(&message, &field, *std::move(text));
  }
  return "";
}

std::string PutEnum(Message& message, const FieldDescriptor& field, const Scalar& value) {
  const std::optional<int> number = ToEnum(value, *field.enum_type());
  if (!number) return EnumRule(*field.enum_type());
  return Put(message, field, number, &Reflection::SetEnumValue, &Reflection::AddEnumValue, "");
}

// Fills a Timestamp or a Duration, which have equal fields.
std::string FillTime(Message& message, const std::optional<SecondsAndNanos>& time,
                     const char* rule) {
  if (!time) return rule;
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  using google::protobuf::Timestamp;
  reflection.SetInt64(&message, type.FindFieldByNumber(Timestamp::kSecondsFieldNumber),
                      time->seconds);
  reflection.SetInt32(&message, type.FindFieldByNumber(Timestamp::kNanosFieldNumber), time->nanos);
  return "";
}

std::string FillMask(Message& message, const Scalar& value) {
  if (!IsTextual(value)) return kMaskRule;
  const FieldDescriptor* paths = message.GetDescriptor()->FindFieldByNumber(1);
  if (value.text.empty()) return "";
  for (const absl::string_view path :
       absl::StrSplit(absl::string_view(value.text.data(), value.text.size()), ',')) {
    if (path.empty()) return kMaskRule;
    message.GetReflection()->AddString(&message, paths, SnakeCase(path));
  }
  return "";
}

std::string FillMessage(Message& message, const Scalar& value) {
  switch (message.GetDescriptor()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return FillTime(message, IsTextual(value) ? ReadTimestamp(value.text) : std::nullopt,
                      kTimestampRule);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return FillTime(message, IsTextual(value) ? ReadDuration(value.text) : std::nullopt,
                      kDurationRule);
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return FillMask(message, value);
    default:  // a wrapper
      return SetValue(message, *message.GetDescriptor()->FindFieldByNumber(1), value);
  }
}

std::string PutMessage(Message& message, const FieldDescriptor& field, const Scalar& value) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) {
    std::string rule = FillMessage(*reflection.AddMessage(&message, &field), value);
    if (!rule.empty()) reflection.RemoveLast(&message, &field);
    return rule;
  }
  std::string rule = FillMessage(*reflection.MutableMessage(&message, &field), value);
  if (!rule.empty()) reflection.ClearField(&message, &field);
  return rule;
}

}  // namespace

std::string WhyNotBeside(const Message& message, const FieldDescriptor& field) {
  const auto* oneof = field.real_containing_oneof();
  if (oneof == nullptr) return "";
  const FieldDescriptor* set = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  if (set == nullptr || set == &field) return "";
  return absl::StrCat("must not be given beside ", set->name());
}

bool IsSingleValue(const FieldDescriptor& field) {
  if (field.message_type() == nullptr) return true;
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_VALUE:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return false;
    default:
      return true;
  }
}

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  if (const FieldDescriptor* field = type.FindFieldByName(name)) return field;
  const FieldDescriptor* field = type.FindFieldByCamelcaseName(name);
  if (field != nullptr && field->json_name() == name) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == name) return type.field(i);
  }
  return nullptr;
}

std::string SetValue(Message& message, const FieldDescriptor& field, const Scalar& value) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return PutInteger<int32_t>(message, field, value, &Reflection::SetInt32,
                                 &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return PutInteger<int64_t>(message, field, value, &Reflection::SetInt64,
                                 &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return PutInteger<uint32_t>(message, field, value, &Reflection::SetUInt32,
                                  &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return PutInteger<uint64_t>(message, field, value, &Reflection::SetUInt64,
                                  &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Put(message, field, ToFloating<double>(value), &Reflection::SetDouble,
                 &Reflection::AddDouble, kFloatRule);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Put(message, field, ToFloating<float>(value), &Reflection::SetFloat,
                 &Reflection::AddFloat, kFloatRule);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Put(message, field, ToBool(value), &Reflection::SetBool, &Reflection::AddBool,
                 kBoolRule);
    case FieldDescriptor::CPPTYPE_ENUM:
      return PutEnum(message, field, value);
    case FieldDescriptor::CPPTYPE_STRING:
      return PutString(message, field, value);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return PutMessage(message, field, value);
  }
  return "must be another type";
}

}  // namespace baliprocess::gateway
