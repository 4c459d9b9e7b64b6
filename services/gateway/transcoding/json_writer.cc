#include "services/gateway/transcoding/json_writer.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <array>
#include <charconv>
#include <cmath>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "services/gateway/transcoding/times.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Any;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Messages within each other; deeper ones come from nobody's contract. (An Any hides depth from the
// limit that reading a message has.)
constexpr int kMostDepth = 100;

template <typename T>
void AppendNumber(T number, std::string& json) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  json.append(buffer.data(), end);
}

template <typename T>
void AppendQuotedNumber(T number, std::string& json) {
  json.push_back('"');
  AppendNumber(number, json);
  json.push_back('"');
}

template <typename T>
void AppendFloating(T number, std::string& json) {
  if (std::isnan(number)) {
    json.append("\"NaN\"");
  } else if (std::isinf(number)) {
    json.append(number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else if (number == 0 && std::signbit(number)) {
    json.append("-0.0");  // most readers lose the sign of a -0
  } else {
    AppendNumber(number, json);
  }
}

void AppendBytes(const std::string& bytes, std::string& json) {
  absl::StrAppend(&json, "\"", absl::Base64Escape(bytes), "\"");
}

void AppendEnum(int number, const FieldDescriptor& field, std::string& json) {
  const auto& type = *field.enum_type();
  if (type.full_name() == "google.protobuf.NullValue") {
    json.append("null");
  } else if (const auto* value = type.FindValueByNumber(number)) {
    absl::StrAppend(&json, "\"", value->name(), "\"");
  } else {
    AppendNumber(number, json);
  }
}

// Reads a field, or the element of a list at `index`.
class Reader {
 public:
  Reader(const Message& message, const FieldDescriptor& field, int index = -1)
      : message_(message), reflection_(*message.GetReflection()), field_(&field), index_(index) {}

  template <typename T>
  T Get(T (Reflection::*one)(const Message&, const FieldDescriptor*) const,
        T (Reflection::*element)(const Message&, const FieldDescriptor*, int) const) const {
    return index_ < 0 ? (reflection_.*one)(message_, field_)
                      : (reflection_.*element)(message_, field_, index_);
  }
  const std::string& String(std::string& scratch) const {
    return index_ < 0 ? reflection_.GetStringReference(message_, field_, &scratch)
                      : reflection_.GetRepeatedStringReference(message_, field_, index_, &scratch);
  }
  const Message& Sub() const {
    return index_ < 0 ? reflection_.GetMessage(message_, field_)
                      : reflection_.GetRepeatedMessage(message_, field_, index_);
  }

 private:
  const Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor* field_;
  const int index_;
};

const FieldDescriptor& FieldOf(const Message& message, int number) {
  return *message.GetDescriptor()->FindFieldByNumber(number);
}

std::string StringOf(const Message& message, int number) {
  return message.GetReflection()->GetString(message, &FieldOf(message, number));
}

// Of a Timestamp or a Duration, which have equal fields.
SecondsAndNanos TimeOf(const Message& message) {
  using google::protobuf::Timestamp;
  const Reflection& reflection = *message.GetReflection();
  return {reflection.GetInt64(message, &FieldOf(message, Timestamp::kSecondsFieldNumber)),
          reflection.GetInt32(message, &FieldOf(message, Timestamp::kNanosFieldNumber))};
}

// Appends messages to a text.
class Writer {
 public:
  // `root` is of the pool that knows the types of details.
  Writer(const Message& root, std::string& json) : root_(root), json_(json) {}

  void Write(const Message& message) {
    if (depth_ == kMostDepth) {
      json_.append("{}");
      return;
    }
    ++depth_;
    WriteByType(message);
    --depth_;
  }

  void WriteField(const Message& message, const FieldDescriptor& field) {
    if (field.is_map()) {
      WriteMap(message, field);
    } else if (field.is_repeated()) {
      const int size = message.GetReflection()->FieldSize(message, &field);
      json_.push_back('[');
      for (int i = 0; i < size; ++i) {
        if (i > 0) json_.push_back(',');
        WriteValue(Reader(message, field, i), field);
      }
      json_.push_back(']');
    } else {
      WriteValue(Reader(message, field), field);
    }
  }

 private:
  void WriteByType(const Message& message) {
    switch (message.GetDescriptor()->well_known_type()) {
      case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
        json_.push_back('{');
        WriteFields(message, /*first=*/true);
        json_.push_back('}');
        break;
      case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
        WriteTime(TimeOf(message), AppendTimestamp);
        break;
      case Descriptor::WELLKNOWNTYPE_DURATION:
        WriteTime(TimeOf(message), AppendDuration);
        break;
      case Descriptor::WELLKNOWNTYPE_FIELDMASK:
        WriteMask(message);
        break;
      case Descriptor::WELLKNOWNTYPE_ANY:
        WriteAny(message);
        break;
      case Descriptor::WELLKNOWNTYPE_VALUE:
        WriteOneOfValue(message);
        break;
      default:  // wrappers, Struct, ListValue: written as their only field
        WriteField(message, FieldOf(message, 1));
    }
  }

  // null for what has no form.
  void WriteTime(const SecondsAndNanos& time,
                 bool (*append)(const SecondsAndNanos&, std::string&)) {
    const size_t start = json_.size();
    json_.push_back('"');
    if (append(time, json_)) {
      json_.push_back('"');
    } else {
      json_.replace(start, 1, "null");
    }
  }

  void Quote(std::string_view text) { AppendJsonString(text, json_); }

  void WriteFields(const Message& message, bool first) {
    const Descriptor& type = *message.GetDescriptor();
    const Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (field.has_presence() && !reflection.HasField(message, &field)) continue;
      if (!first) json_.push_back(',');
      first = false;
      absl::StrAppend(&json_, "\"", field.json_name(), "\":");
      WriteField(message, field);
    }
  }

  void WriteMap(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    const FieldDescriptor& key = *field.message_type()->map_key();
    const FieldDescriptor& value = *field.message_type()->map_value();
    json_.push_back('{');
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      if (i > 0) json_.push_back(',');
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      const size_t start = json_.size();
      WriteValue(Reader(entry, key), key);
      // Names are strings, whatever the type of the key.
      if (json_[start] != '"') {
        json_.insert(start, 1, '"');
        json_.push_back('"');
      }
      json_.push_back(':');
      WriteValue(Reader(entry, value), value);
    }
    json_.push_back('}');
  }

  void WriteValue(const Reader& reader, const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return AppendNumber(reader.Get(&Reflection::GetInt32, &Reflection::GetRepeatedInt32),
                            json_);
      case FieldDescriptor::CPPTYPE_UINT32:
        return AppendNumber(reader.Get(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32),
                            json_);
      case FieldDescriptor::CPPTYPE_INT64:
        return AppendQuotedNumber(reader.Get(&Reflection::GetInt64, &Reflection::GetRepeatedInt64),
                                  json_);
      case FieldDescriptor::CPPTYPE_UINT64:
        return AppendQuotedNumber(
            reader.Get(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64), json_);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return AppendFloating(reader.Get(&Reflection::GetDouble, &Reflection::GetRepeatedDouble),
                              json_);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return AppendFloating(reader.Get(&Reflection::GetFloat, &Reflection::GetRepeatedFloat),
                              json_);
      case FieldDescriptor::CPPTYPE_BOOL:
        json_.append(reader.Get(&Reflection::GetBool, &Reflection::GetRepeatedBool) ? "true"
                                                                                    : "false");
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        return AppendEnum(reader.Get(&Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue),
                          field, json_);
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = reader.String(scratch);
        return field.type() == FieldDescriptor::TYPE_BYTES ? AppendBytes(text, json_) : Quote(text);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Write(reader.Sub());
    }
  }

  void WriteMask(const Message& message) {
    const FieldDescriptor& paths = FieldOf(message, 1);
    std::string text;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &paths); ++i) {
      if (i > 0) text.push_back(',');
      bool upper = false;
      for (const char c : message.GetReflection()->GetRepeatedString(message, &paths, i)) {
        if (c != '_') text.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
        upper = c == '_';
      }
    }
    Quote(text);
  }

  void WriteOneOfValue(const Message& message) {
    const FieldDescriptor* set = message.GetReflection()->GetOneofFieldDescriptor(
        message, message.GetDescriptor()->oneof_decl(0));
    if (set == nullptr) {
      json_.append("null");
    } else {
      WriteField(message, *set);
    }
  }

  void WriteAny(const Message& message) {
    const std::string url = StringOf(message, Any::kTypeUrlFieldNumber);
    const std::string bytes = StringOf(message, Any::kValueFieldNumber);
    json_.append("{");
    if (!url.empty()) {
      json_.append("\"@type\":");
      Quote(url);
      const Descriptor* type = root_.GetDescriptor()->file()->pool()->FindMessageTypeByName(
          url.substr(url.rfind('/') + 1));
      std::unique_ptr<Message> known;
      if (type != nullptr) {
        known.reset(root_.GetReflection()->GetMessageFactory()->GetPrototype(type)->New());
      }
      WriteContent(known != nullptr && known->ParseFromString(bytes) ? known.get() : nullptr,
                   bytes);
    }
    json_.append("}");
  }

  // What an Any has, after its type. `known` is null for bytes that can't be read.
  void WriteContent(const Message* known, const std::string& bytes) {
    if (known == nullptr || depth_ == kMostDepth) {
      json_.append(",\"value\":");
      AppendBytes(bytes, json_);
    } else if (known->GetDescriptor()->well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED) {
      WriteFields(*known, /*first=*/false);
    } else {
      json_.append(",\"value\":");
      Write(*known);
    }
  }

  const Message& root_;
  std::string& json_;
  int depth_ = 0;
};

}  // namespace

void AppendJson(const Message& message, std::string& json) { Writer(message, json).Write(message); }

void AppendJsonField(const Message& message, const FieldDescriptor& field, std::string& json) {
  if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) {
    json.append("null");
  } else {
    Writer(message, json).WriteField(message, field);
  }
}

void AppendJsonString(std::string_view text, std::string& json) {
  constexpr std::string_view kHex = "0123456789abcdef";
  json.push_back('"');
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    json.append(text.substr(start, i - start));
    start = i + 1;
    json.push_back('\\');
    switch (c) {
      case '\n':
        json.push_back('n');
        break;
      case '\t':
        json.push_back('t');
        break;
      case '\r':
        json.push_back('r');
        break;
      case '"':
      case '\\':
        json.push_back(static_cast<char>(c));
        break;
      default:
        json.append("u00");
        json.push_back(kHex[c >> 4]);
        json.push_back(kHex[c & 15]);
    }
  }
  json.append(text.substr(start));
  json.push_back('"');
}

}  // namespace baliprocess::gateway
