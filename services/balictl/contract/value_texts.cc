// Values in the forms that people read.

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"
#include "google/type/timeofday.pb.h"

#include "common/base/date.h"
#include "common/base/money.h"
#include "services/balictl/contract/moments.h"
#include "services/balictl/contract/values.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string QuotedPart(const std::string& text) {
  if (text.find_first_of(",\"") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

// The fields that are set, `role=chair,member=members/aus`; of one alone, its value.
std::string PartsOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<std::string> parts;
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const std::string text = TextOf(message, *field, field->is_repeated() ? i : -1);
      const bool nested = field->message_type() && !IsValueType(*field->message_type());
      parts.push_back(absl::StrCat(field->name(), "=",
                                   nested ? absl::StrCat("(", text, ")") : QuotedPart(text)));
    }
  }
  return absl::StrJoin(parts, ",");
}

std::string TextOfMessage(const Message& message) {
  const Descriptor* type = message.GetDescriptor();
  const auto as = [&message](auto value) {
    value.CopyFrom(message);
    return value;
  };
  if (type == google::type::Date::descriptor()) return FormatDate(as(google::type::Date()));
  if (type == google::protobuf::Timestamp::descriptor()) {
    return FormatMoment(as(google::protobuf::Timestamp()));
  }
  if (type == google::type::TimeOfDay::descriptor()) {
    return FormatTimeOfDay(as(google::type::TimeOfDay()));
  }
  if (type == google::protobuf::Duration::descriptor()) {
    return FormatSpan(as(google::protobuf::Duration()));
  }
  if (type == google::type::Money::descriptor()) return FormatMoney(as(google::type::Money()));
  if (type == google::protobuf::FieldMask::descriptor()) {
    return absl::StrJoin(as(google::protobuf::FieldMask()).paths(), ",");
  }
  return PartsOf(message);
}

}  // namespace

std::string WordOf(const EnumValueDescriptor& value) {
  std::string word = absl::AsciiStrToLower(value.name());
  std::replace(word.begin(), word.end(), '_', '-');
  return word;
}

std::string TextOf(const Message& message, const FieldDescriptor& field, int index) {
  const auto* reflection = message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection->GetRepeatedString(message, &field, index)
                      : reflection->GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = repeated ? reflection->GetRepeatedEnum(message, &field, index)
                                   : reflection->GetEnum(message, &field);
      return value->number() == 0 ? "" : WordOf(*value);
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(repeated ? reflection->GetRepeatedInt32(message, &field, index)
                                   : reflection->GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection->GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(reflection->GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return TextOfMessage(repeated ? reflection->GetRepeatedMessage(message, &field, index)
                                    : reflection->GetMessage(message, &field));
    default:
      return "?";
  }
}

}  // namespace baliprocess::balictl
