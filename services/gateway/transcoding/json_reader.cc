#include "services/gateway/transcoding/json_reader.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "common/base/text.h"
#include "services/gateway/transcoding/json_blanks.h"
#include "services/gateway/transcoding/scalar.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = nlohmann::json;

// Names of a request's in errors are no longer than this.
constexpr size_t kMostNameBytes = 200;

constexpr char kMustNotBeObject[] = "must not be an object";
constexpr char kMustNotBeList[] = "must not be a list";
constexpr char kMustNotBeNull[] = "must not be null";
constexpr char kMustBeObject[] = "must be an object";
constexpr char kMustBeList[] = "must be a list";
constexpr char kMustBeOnce[] = "must be given once";

Descriptor::WellKnownType WellKnownType(const FieldDescriptor& field) {
  return field.message_type() == nullptr ? Descriptor::WELLKNOWNTYPE_UNSPECIFIED
                                         : field.message_type()->well_known_type();
}

bool IsValue(const FieldDescriptor& field) {
  return WellKnownType(field) == Descriptor::WELLKNOWNTYPE_VALUE;
}

bool IsNullValue(const FieldDescriptor& field) {
  return field.enum_type() != nullptr &&
         field.enum_type()->full_name() == "google.protobuf.NullValue";
}

const FieldDescriptor& FieldOf(const Message& message, int number) {
  return *message.GetDescriptor()->FindFieldByNumber(number);
}

// Where a value goes.
struct Slot {
  Message* message = nullptr;              // null: nowhere, an error was told already
  const FieldDescriptor* field = nullptr;  // null: the value is `message` itself
  bool element = false;                    // added to the list that the field is

  // The field's message, made.
  Message& Make() const {
    const Reflection& reflection = *message->GetReflection();
    return element ? *reflection.AddMessage(message, field)
                   : *reflection.MutableMessage(message, field);
  }
};

// An object or a list that has begun.
struct Frame {
  enum class Kind {
    kRoot,     // around the whole text: one field of a message, or the message
    kMessage,  // an object for a message
    kList,     // a list for a repeated field
    kMap,      // an object for a map
    kSkipped,  // what has no place
  };
  Kind kind = Kind::kSkipped;
  Message* message = nullptr;              // kMap: the entry of the last name; else the owner
  const FieldDescriptor* field = nullptr;  // kMessage: of the last name, or null
  size_t index = 0;                        // kList: of the next element
  std::string key = {};                    // kMap: the last name
  Message* owner = nullptr;                // kMap: whose field the map is
  // kMessage: which fields had a name, by the bits of their indices; kMap: which names there were.
  absl::InlinedVector<uint64_t, 1> seen_fields = {};
  absl::flat_hash_set<std::string> seen_keys = {};
};

// Takes the pieces of a text as nlohmann-json reads them. A function's `false` ends the reading.
class Handler final : public nlohmann::json_sax<Json> {
 public:
  Handler(Slot root, std::string_view text, Violations& violations)
      : text_(text), violations_(violations) {
    frames_.push_back({.kind = Frame::Kind::kRoot, .message = root.message, .field = root.field});
  }

  const absl::Status& status() const { return status_; }

  bool null() override {
    const Slot slot = Current();
    if (slot.message != nullptr) SetNull(slot);
    return Next();
  }
  bool boolean(bool value) override {
    return Take({.kind = Scalar::Kind::kBool, .text = {}, .boolean = value});
  }
  bool number_integer(int64_t value) override {
    return Take({.kind = Scalar::Kind::kInteger, .text = {}, .integer = value});
  }
  bool number_unsigned(uint64_t value) override {
    return Take({.kind = Scalar::Kind::kUnsigned, .text = {}, .unsigned_int = value});
  }
  bool number_float(double /*value*/, const std::string& text) override {
    return Take({.kind = Scalar::Kind::kDecimal, .text = text});
  }
  bool string(std::string& value) override {
    return Take({.kind = Scalar::Kind::kText, .text = value});
  }
  bool binary(Json::binary_t& /*value*/) override { return false; }  // isn't of JSON

  bool start_object(std::size_t /*count*/) override {
    if (!Enter()) return false;
    frames_.push_back(ObjectAt(Current()));
    return true;
  }
  bool start_array(std::size_t /*count*/) override {
    if (!Enter()) return false;
    frames_.push_back(ListAt(Current()));
    return true;
  }
  bool end_object() override { return Leave(); }
  bool end_array() override { return Leave(); }

  bool key(std::string& name) override {
    Frame& frame = frames_.back();
    if (frame.kind == Frame::Kind::kMessage) BeginMember(frame, name);
    if (frame.kind != Frame::Kind::kMap) return true;
    BeginEntry(frame, name);
    return Count();
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    if (error.id == kNumberOverflow) {
      Violate("must be a number in the range of its type");
      return false;
    }
    RefuseAt(position == 0 ? 0 : position - 1);
    return false;
  }

  // The text isn't JSON at this byte.
  void RefuseAt(size_t position) {
    const std::string_view read = text_.substr(0, position);
    const auto line = 1 + std::count(read.begin(), read.end(), '\n');
    const size_t column = read.size() - (read.rfind('\n') + 1) + 1;
    Refuse(absl::StrCat("the body isn't valid JSON: line ", line, ", column ", column));
  }

 private:
  bool Refuse(std::string_view why) {
    status_ = Error(api::v1::Error::MALFORMED_REQUEST, why);
    return false;
  }

  bool Enter() {
    if (frames_.size() > kMostJsonDepth) {
      return Refuse(absl::StrCat("the body is nested deeper than ", kMostJsonDepth, " levels"));
    }
    return Count();
  }

  // Of a value that memory is taken for, however short its text is.
  bool Count() {
    if (++values_ <= kMostJsonValues) return true;
    return Refuse(absl::StrCat("the body has more than ", kMostJsonValues, " values"));
  }

  bool Leave() {
    frames_.pop_back();
    return Next();
  }

  // After a value.
  bool Next() {
    Frame& frame = frames_.back();
    if (frame.kind != Frame::Kind::kList) return true;
    ++frame.index;
    return Count();
  }

  Slot Current() const {
    const Frame& frame = frames_.back();
    switch (frame.kind) {
      case Frame::Kind::kRoot:
        return {frame.message, frame.field, false};
      case Frame::Kind::kMessage:
        return {frame.field == nullptr ? nullptr : frame.message, frame.field, false};
      case Frame::Kind::kList:
        return {frame.message, frame.field, true};
      case Frame::Kind::kMap:
        return {frame.message, frame.message == nullptr ? nullptr : &FieldOf(*frame.message, 2),
                false};
      case Frame::Kind::kSkipped:
        return {};
    }
    return {};
  }

  void BeginMember(Frame& frame, const std::string& name) {
    frame.field = FindField(*frame.message->GetDescriptor(), name);
    if (frame.field == nullptr) {
      const std::string path = Path();
      violations_.Add(absl::StrCat(path, path.empty() ? "" : ".", Cut(name, kMostNameBytes)),
                      "isn't a field of the request");
      return;
    }
    const size_t word = static_cast<size_t>(frame.field->index()) / 64;
    const uint64_t bit = uint64_t{1} << (frame.field->index() % 64);
    if (frame.seen_fields.size() <= word) frame.seen_fields.resize(word + 1);
    if ((frame.seen_fields[word] & bit) != 0) {
      Violate(kMustBeOnce);
      frame.field = nullptr;
      return;
    }
    frame.seen_fields[word] |= bit;
  }

  void BeginEntry(Frame& frame, const std::string& name) {
    frame.key = name;
    frame.message = nullptr;
    if (!frame.seen_keys.insert(name).second) return Violate(kMustBeOnce);
    Message* entry = frame.owner->GetReflection()->AddMessage(frame.owner, frame.field);
    const std::string rule = SetValue(*entry, FieldOf(*entry, 1), Scalar::Word(name));
    if (!rule.empty()) return Violate(absl::StrCat("the key ", rule));
    frame.message = entry;
  }

  bool Take(const Scalar& value) {
    const Slot slot = Current();
    const std::string rule = slot.message == nullptr ? "" : SetScalar(slot, value);
    if (!rule.empty()) Violate(rule);
    return Next();
  }

  std::string SetScalar(const Slot& slot, const Scalar& value) {
    if (slot.field == nullptr) return kMustBeObject;
    if (slot.field->is_map()) return kMustBeObject;
    if (slot.field->is_repeated() && !slot.element) return kMustBeList;
    std::string rule = WhyNotBeside(*slot.message, *slot.field);
    if (!rule.empty()) return rule;
    if (IsValue(*slot.field)) return SetAnyScalar(slot.Make(), value);
    if (WellKnownType(*slot.field) == Descriptor::WELLKNOWNTYPE_LISTVALUE) return kMustBeList;
    if (!IsSingleValue(*slot.field)) return kMustBeObject;
    return SetValue(*slot.message, *slot.field, value);
  }

  // Of google.protobuf.Value.
  static std::string SetAnyScalar(Message& message, const Scalar& value) {
    using google::protobuf::Value;
    const int number = value.kind == Scalar::Kind::kText   ? Value::kStringValueFieldNumber
                       : value.kind == Scalar::Kind::kBool ? Value::kBoolValueFieldNumber
                                                           : Value::kNumberValueFieldNumber;
    return SetValue(message, FieldOf(message, number), value);
  }

  void SetNull(const Slot& slot) {
    if (slot.field == nullptr) return Violate(kMustBeObject);
    const bool in_list_or_map = slot.element || frames_.back().kind == Frame::Kind::kMap;
    if (slot.field->is_repeated() && !slot.element) return;
    if (IsValue(*slot.field)) {
      Message& value = slot.Make();
      value.GetReflection()->SetEnumValue(
          &value, &FieldOf(value, google::protobuf::Value::kNullValueFieldNumber), 0);
    } else if (IsNullValue(*slot.field)) {
      SetValue(*slot.message, *slot.field, {.kind = Scalar::Kind::kInteger, .text = {}});
    } else if (in_list_or_map) {
      Violate(kMustNotBeNull);
    }
  }

  Frame ObjectAt(const Slot& slot) {
    if (slot.message == nullptr) return {};
    if (slot.field == nullptr) return {.kind = Frame::Kind::kMessage, .message = slot.message};
    if (slot.field->is_map()) return MapOf(*slot.message, *slot.field);
    if (slot.field->is_repeated() && !slot.element) return Skip(kMustBeList);
    if (IsSingleValue(*slot.field)) return Skip(kMustNotBeObject);
    const std::string rule = WhyNotBeside(*slot.message, *slot.field);
    if (!rule.empty()) return Skip(rule);
    using google::protobuf::Struct;
    using google::protobuf::Value;
    switch (WellKnownType(*slot.field)) {
      case Descriptor::WELLKNOWNTYPE_LISTVALUE:
        return Skip(kMustBeList);
      case Descriptor::WELLKNOWNTYPE_ANY:
        return Skip("is of any type (Any), which JSON can't give here");
      case Descriptor::WELLKNOWNTYPE_VALUE: {
        const Slot as_struct{&slot.Make(), slot.field->message_type()->FindFieldByNumber(
                                               Value::kStructValueFieldNumber)};
        Message& made = as_struct.Make();
        return MapOf(made, FieldOf(made, Struct::kFieldsFieldNumber));
      }
      case Descriptor::WELLKNOWNTYPE_STRUCT: {
        Message& made = slot.Make();
        return MapOf(made, FieldOf(made, Struct::kFieldsFieldNumber));
      }
      default:
        return {.kind = Frame::Kind::kMessage, .message = &slot.Make()};
    }
  }

  Frame ListAt(const Slot& slot) {
    if (slot.message == nullptr) return {};
    if (slot.field == nullptr || slot.field->is_map()) return Skip(kMustBeObject);
    if (slot.field->is_repeated() && !slot.element) return ListOf(*slot.message, *slot.field);
    const std::string rule = WhyNotBeside(*slot.message, *slot.field);
    if (!rule.empty()) return Skip(rule);
    using google::protobuf::ListValue;
    using google::protobuf::Value;
    Message* list = nullptr;
    if (IsValue(*slot.field)) {
      Message& value = slot.Make();
      list = value.GetReflection()->MutableMessage(&value,
                                                   &FieldOf(value, Value::kListValueFieldNumber));
    } else if (WellKnownType(*slot.field) == Descriptor::WELLKNOWNTYPE_LISTVALUE) {
      list = &slot.Make();
    } else {
      return Skip(kMustNotBeList);
    }
    return ListOf(*list, FieldOf(*list, ListValue::kValuesFieldNumber));
  }

  static Frame MapOf(Message& owner, const FieldDescriptor& field) {
    return {.kind = Frame::Kind::kMap, .field = &field, .owner = &owner};
  }
  static Frame ListOf(Message& owner, const FieldDescriptor& field) {
    return {.kind = Frame::Kind::kList, .message = &owner, .field = &field};
  }
  Frame Skip(std::string_view rule) {
    Violate(rule);
    return {};
  }

  void Violate(std::string_view rule) { violations_.Add(Path(), rule); }

  // The path of the value that is being read.
  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (frame.kind == Frame::Kind::kList) absl::StrAppend(&path, "[", frame.index, "]");
      if (frame.kind == Frame::Kind::kMap) {
        absl::StrAppend(&path, "[", Cut(frame.key, kMostNameBytes), "]");
      }
      const bool named = frame.kind == Frame::Kind::kRoot || frame.kind == Frame::Kind::kMessage;
      if (!named || frame.field == nullptr) continue;
      absl::StrAppend(&path, path.empty() ? "" : ".", frame.field->name());
    }
    return path;
  }

  const std::string_view text_;
  Violations& violations_;
  std::vector<Frame> frames_;
  size_t values_ = 0;
  absl::Status status_;
};

absl::Status Read(std::string_view json, Slot root, Violations& violations) {
  Handler handler(root, json, violations);
  // To nlohmann-json, a text ends at a zero.
  const size_t zero = json.find('\0');
  if (zero != std::string_view::npos) {
    handler.RefuseAt(zero);
    return handler.status();
  }
  if (HasTooManyBlanks(json)) {
    return Error(
        api::v1::Error::MALFORMED_REQUEST,
        absl::StrCat("the body has more than ", kMostJsonBlanks, " line feeds or tabs in a row"));
  }
  Json::sax_parse(json.begin(), json.end(), &handler);
  return handler.status();
}

}  // namespace

absl::Status ReadJson(std::string_view json, Message& message, Violations& violations) {
  return Read(json, {&message, nullptr}, violations);
}

absl::Status ReadJsonField(std::string_view json, const FieldDescriptor& field, Message& message,
                           Violations& violations) {
  return Read(json, {&message, &field}, violations);
}

}  // namespace baliprocess::gateway
