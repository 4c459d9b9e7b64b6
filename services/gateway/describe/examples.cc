#include "services/gateway/describe/examples.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/field_info.pb.h"
#include "google/api/resource.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"
#include "google/type/timeofday.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/base/field_limits.h"
#include "common/resource/contract/names.h"
#include "services/gateway/transcoding/json_writer.h"

namespace baliprocess::gateway {
namespace {

using api::v1::FieldRules;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDeepest = 4;
constexpr char kUuid[] = "6f1c2d0e-8f3b-4c61-9d2a-5b7e0a4c1f90";
constexpr char kSha256[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

bool IsReference(const FieldDescriptor& field) {
  return field.options().HasExtension(google::api::resource_reference);
}

bool IsResource(const Descriptor& message) {
  return message.options().HasExtension(google::api::resource);
}

// What every resource has, and a reply shows.
bool IsOfEveryResource(const FieldDescriptor& field) {
  static constexpr std::array<std::string_view, 5> kNames = {"uid", "etag", "create_time",
                                                             "update_time", "visibility"};
  return std::find(kNames.begin(), kNames.end(), field.name()) != kNames.end();
}

bool IsWanted(const FieldDescriptor& field, Use use, int depth) {
  if (HasBehavior(field, google::api::REQUIRED)) return true;
  // What is true of few, such as that a meeting is confidential, is no example.
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return false;
  if (field.name() == "delete_time" || field.is_repeated() || IsReference(field)) return false;
  if (HasBehavior(field, google::api::IDENTIFIER)) return use == Use::kReply;
  if (IsOfEveryResource(field)) return use == Use::kReply;
  if (HasBehavior(field, google::api::OUTPUT_ONLY) && use != Use::kReply) return false;
  return depth == 0 && IsResource(*field.containing_type()) &&
         field.options().GetExtension(api::v1::field).filterable();
}

std::string NameOf(const std::string& pattern) {
  std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  for (std::string& part : parts) {
    if (absl::StartsWith(part, "{")) part = Examples::IdOf(part.substr(1, part.size() - 2));
  }
  return absl::StrJoin(parts, "/");
}

// A name of the type that the field takes; empty if it takes none.
std::string NameFor(const FieldDescriptor& field) {
  const auto& resource = field.containing_type()->options().GetExtension(google::api::resource);
  if (HasBehavior(field, google::api::IDENTIFIER)) return NameOf(resource.pattern(0));
  const auto& reference = field.options().GetExtension(google::api::resource_reference);
  if (reference.type() == "*") return NameOf("members/{member}");
  if (const auto* type = resource::PatternOfType(reference.type())) return NameOf(type->pattern());
  const auto* child = resource::PatternOfType(reference.child_type());
  const auto parent = child == nullptr ? std::nullopt : child->ParentPattern();
  return parent ? NameOf(parent->pattern()) : "";
}

const char* OfFormat(FieldRules::Format format) {
  switch (format) {
    case FieldRules::LANGUAGE_TAG:
      return "en";
    case FieldRules::URI:
      return "https://www.example.org/";
    case FieldRules::EMAIL:
      return "desk@example.org";
    case FieldRules::TIME_ZONE:
      return "Asia/Jakarta";
    case FieldRules::REGION_CODE:
      return "AU";
    case FieldRules::PHONE_NUMBER:
      return "+61261234567";
    case FieldRules::OPAQUE:
      return kSha256;
    default:
      return nullptr;
  }
}

// What a comment names: "Viet Nam" of `The name in use, such as "Viet Nam".`
std::string SuchAs(const std::string& comment) {
  for (const char* quote : {"\"", "`"}) {
    const std::string before = absl::StrCat("such as ", quote);
    const size_t begin = comment.find(before);
    if (begin == std::string::npos) continue;
    const size_t end = comment.find(quote, begin + before.size());
    return comment.substr(begin + before.size(), end - begin - before.size());
  }
  return "";
}

// `work-plan` of `work_plan`, `workPlan` and `WorkPlan`.
std::string WordsOf(const std::string& name, char between) {
  std::string words;
  for (const char c : name) {
    const bool begins = c == '_' || absl::ascii_isupper(static_cast<unsigned char>(c));
    if (begins && !words.empty()) words += between;
    if (c != '_') words += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return words;
}

void SetNumber(const FieldDescriptor& field, Message& message) {
  const FieldRules& rules = field.options().GetExtension(api::v1::field);
  const int64_t number = std::clamp<int64_t>(1, rules.has_minimum() ? rules.minimum() : INT64_MIN,
                                             rules.has_maximum() ? rules.maximum() : INT64_MAX);
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(&message, &field, static_cast<int32_t>(number));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(&message, &field, static_cast<uint32_t>(number));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(&message, &field, number);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(&message, &field, static_cast<uint64_t>(number));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.SetDouble(&message, &field, static_cast<double>(number));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.SetFloat(&message, &field, static_cast<float>(number));
    default:
      return reflection.SetBool(&message, &field, true);
  }
}

// Fills messages that stand for one value; false for all others.
bool FillValue(Message& message) {
  if (auto* date = dynamic_cast<google::type::Date*>(&message)) {
    date->set_year(2024);
    date->set_month(5);
    date->set_day(14);
  } else if (auto* time = dynamic_cast<google::type::TimeOfDay*>(&message)) {
    time->set_hours(9);
    time->set_minutes(30);
  } else if (auto* money = dynamic_cast<google::type::Money*>(&message)) {
    money->set_currency_code("AUD");
    money->set_units(250000);
  } else if (auto* instant = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
    instant->set_seconds(1715650200);
  } else if (auto* duration = dynamic_cast<google::protobuf::Duration*>(&message)) {
    duration->set_seconds(3600);
  } else {
    return false;
  }
  return true;
}

// Which field of a message that asks for none stands for it: the first that the caller may give.
const FieldDescriptor* FirstOf(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (!HasBehavior(*type.field(i), google::api::OUTPUT_ONLY)) return type.field(i);
  }
  return nullptr;
}

}  // namespace

std::string Examples::IdOf(const std::string& variable) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kIds = {{
      {"member", "aus"},
      {"body", "ad-hoc-group"},
      {"meeting", "ahg-18"},
      {"external_forum", "asean"},
  }};
  for (const auto& [name, id] : kIds) {
    if (name == variable) return std::string(id);
  }
  return absl::StrCat(WordsOf(variable, '-'), "-1");
}

Json Examples::Of(const Descriptor& type, Use use) const {
  const auto message = NewMessage(type);
  Fill(*message, use, 0);
  std::string json;
  if (use == Use::kReply) {
    AppendJson(*message, json);
  } else if (!google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
    return nullptr;
  }
  return Json::parse(json);
}

void Examples::Fill(Message& message, Use use, int depth) const {
  if (depth > kDeepest || FillValue(message)) return;
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsWanted(field, use, depth)) FillField(message, field, use, depth);
  }
  const FieldDescriptor* first = depth > 0 && message.ByteSizeLong() == 0 ? FirstOf(type) : nullptr;
  if (first != nullptr) FillField(message, *first, use, depth);
}

void Examples::FillField(Message& message, const FieldDescriptor& field, Use use, int depth) const {
  const Reflection& reflection = *message.GetReflection();
  if (field.message_type() != nullptr) {
    Message* value = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                         : reflection.MutableMessage(&message, &field);
    const auto& kinds = field.options().GetExtension(api::v1::field).kinds();
    const auto* kind = kinds.empty() ? nullptr : field.message_type()->FindFieldByName(kinds[0]);
    return kind == nullptr ? Fill(*value, use, depth + 1)
                           : FillField(*value, *kind, use, depth + 1);
  }
  if (field.enum_type() != nullptr) {
    const auto* value = field.enum_type()->value(field.enum_type()->value_count() > 1 ? 1 : 0);
    return field.is_repeated() ? reflection.AddEnum(&message, &field, value)
                               : reflection.SetEnum(&message, &field, value);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return field.is_repeated() ? reflection.AddString(&message, &field, TextOf(field))
                               : reflection.SetString(&message, &field, TextOf(field));
  }
  if (!field.is_repeated()) SetNumber(field, message);
}

std::string Examples::TextOf(const FieldDescriptor& field) const {
  const std::string name = NameFor(field);
  if (!name.empty()) return name;
  const bool uuid = field.options().GetExtension(google::api::field_info).format() ==
                    google::api::FieldInfo::UUID4;
  if (uuid || field.name() == "uid") return kUuid;
  if (field.name() == "etag") return std::string(kSha256).substr(0, 16);
  if (resource::GivesResourceId(field)) {
    return IdOf(field.name().substr(0, field.name().size() - 3));
  }
  const char* of_format = OfFormat(field.options().GetExtension(api::v1::field).format());
  if (of_format != nullptr) return of_format;
  const std::string named = SuchAs(comments_.Of(field));
  if (!named.empty() && named.size() <= MaxLengthOf(&field)) return named;
  const bool calls = field.name() == "display_name";
  std::string words = WordsOf(calls ? field.containing_type()->name() : field.name(), ' ');
  words[0] = absl::ascii_toupper(static_cast<unsigned char>(words[0]));
  return words.substr(0, MaxLengthOf(&field));
}

}  // namespace baliprocess::gateway
