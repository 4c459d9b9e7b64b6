#include "common/rpc/request_bounds.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/field_limits.h"

namespace baliprocess::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kMaxUnknown = 1000;
constexpr int kOutputItems = 1000;
constexpr int kMaxDepth = 100;           // as protobuf's own parser has it
constexpr int kMaxFieldNumber = 1000;    // fields beyond are as unknown ones
constexpr size_t kNoBound = 1ull << 30;  // beyond what any server takes
constexpr size_t kSlack = 4096;          // for fields that the contract doesn't know

int ItemsOf(const FieldDescriptor* field) {
  if (!field->is_repeated()) {
    return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? 1 : 0;
  }
  const int items = static_cast<int>(MaxItemsOf(field));
  return HasBehavior(*field, google::api::OUTPUT_ONLY) ? std::max(items, kOutputItems) : items;
}

size_t MostBytesOf(const Descriptor* type, std::vector<const Descriptor*>& above);

size_t MostBytesOf(const FieldDescriptor* field, std::vector<const Descriptor*>& above) {
  constexpr size_t kHead = 10;  // tag and length
  size_t bytes = 10;            // the longest number
  if (field->type() == FieldDescriptor::TYPE_BYTES) return kNoBound;
  if (field->type() == FieldDescriptor::TYPE_STRING) bytes = size_t{4} * MaxLengthOf(field);
  if (field->message_type() != nullptr) bytes = MostBytesOf(field->message_type(), above);
  const size_t items = field->is_repeated() ? static_cast<size_t>(ItemsOf(field)) : 1;
  return std::min(kNoBound, (kHead + bytes) * items);
}

// The most bytes of a message, or kNoBound. `above` are the types that it is within.
size_t MostBytesOf(const Descriptor* type, std::vector<const Descriptor*>& above) {
  if (std::find(above.begin(), above.end(), type) != above.end()) return kNoBound;
  above.push_back(type);
  size_t bytes = 0;
  for (int i = 0; i < type->field_count(); ++i) {
    bytes = std::min(kNoBound, bytes + MostBytesOf(type->field(i), above));
  }
  above.pop_back();
  return bytes;
}

absl::Status Malformed(std::string_view why) {
  return Error(api::v1::Error::MALFORMED_REQUEST, why);
}

// Walks over a message. Whether the bytes are well formed otherwise, the parser finds out.
class Walk {
 public:
  explicit Walk(CodedInputStream& input) : input_(input) {}

  // Up to the limit that the input has. OK or the first bound that is exceeded, whose place is then
  // in `path`.
  absl::Status Over(const MessageShape& shape, int depth) {
    absl::InlinedVector<int, 64> counts(shape.fields.size());
    while (const uint32_t tag = input_.ReadTag()) {
      const size_t number = WireFormatLite::GetTagFieldNumber(tag);
      const auto wire_type = WireFormatLite::GetTagWireType(tag);
      const MessageShape::Field* field =
          number < shape.fields.size() ? &shape.fields[number] : nullptr;
      if (field == nullptr || !Fits(*field, wire_type)) {
        if (++unknown_ > kMaxUnknown) {
          return Error(api::v1::Error::TOO_LARGE, "the request has more than 1000 unknown fields");
        }
        if (!Skip(wire_type)) return Broken();
        continue;
      }
      absl::Status status = OverField(*field, wire_type, counts[number], depth);
      if (!status.ok()) return status;
    }
    return input_.ConsumedEntireMessage() ? absl::OkStatus() : Broken();
  }

 private:
  static absl::Status Broken() {
    return Malformed("the request isn't the protobuf message that the method takes");
  }

  static bool Fits(const MessageShape::Field& field, WireFormatLite::WireType wire_type) {
    if (field.descriptor == nullptr) return false;
    const auto type = static_cast<WireFormatLite::FieldType>(field.descriptor->type());
    const bool packed =
        field.descriptor->is_packable() && wire_type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    return packed || wire_type == WireFormatLite::WireTypeForFieldType(type);
  }

  absl::Status OverField(const MessageShape::Field& field, WireFormatLite::WireType wire_type,
                         int& count, int depth) {
    if (wire_type != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!Skip(wire_type)) return Broken();
      return Count(field, 1, count);
    }
    int length = 0;
    if (!input_.ReadVarintSizeAsInt(&length)) return Broken();
    if (field.descriptor->is_packable()) {
      int elements = 0;
      if (!SkipPacked(field, length, elements)) return Broken();
      return Count(field, elements, count);
    }
    absl::Status status = Count(field, 1, count);
    if (!status.ok()) return status;
    if (field.message == nullptr) return input_.Skip(length) ? absl::OkStatus() : Broken();
    if (depth == kMaxDepth) return Broken();
    const auto limit = input_.PushLimit(length);
    path_.push_back({field.descriptor, count - 1});
    status = Over(*field.message, depth + 1);
    if (status.ok() && input_.BytesUntilLimit() != 0) status = Broken();
    path_.pop_back();
    input_.PopLimit(limit);
    return status;
  }

  absl::Status Count(const MessageShape::Field& field, int more, int& count) {
    count += more;
    if (field.max_items == 0 || count <= field.max_items) return absl::OkStatus();
    if (!field.descriptor->is_repeated()) {
      return Malformed(absl::StrCat("the message ", PathTo(field), " comes more than once"));
    }
    return InvalidField(PathTo(field),
                        absl::StrCat("must have at most ", field.max_items, " elements"));
  }

  // `requests[3].seat.citations`
  std::string PathTo(const MessageShape::Field& field) const {
    std::string path;
    for (const auto& [above, index] : path_) {
      absl::StrAppend(&path, above->name());
      if (above->is_repeated()) absl::StrAppend(&path, "[", index, "]");
      path += '.';
    }
    return path + field.descriptor->name();
  }

  bool Skip(WireFormatLite::WireType wire_type) {
    uint64_t number = 0;
    int length = 0;
    switch (wire_type) {
      case WireFormatLite::WIRETYPE_VARINT:
        return input_.ReadVarint64(&number);
      case WireFormatLite::WIRETYPE_FIXED64:
        return input_.Skip(8);
      case WireFormatLite::WIRETYPE_FIXED32:
        return input_.Skip(4);
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        return input_.ReadVarintSizeAsInt(&length) && input_.Skip(length);
      default:  // groups, which no contract of the suite ever had
        return false;
    }
  }

  bool SkipPacked(const MessageShape::Field& field, int length, int& elements) {
    const auto limit = input_.PushLimit(length);
    const auto type = static_cast<WireFormatLite::FieldType>(field.descriptor->type());
    bool good = true;
    while (good && input_.BytesUntilLimit() > 0) {
      good = Skip(WireFormatLite::WireTypeForFieldType(type));
      ++elements;
    }
    input_.PopLimit(limit);
    return good;
  }

  CodedInputStream& input_;
  std::vector<std::pair<const FieldDescriptor*, int>> path_;
  int unknown_ = 0;
};

}  // namespace

const MessageShape* MessageShapes::Of(const Descriptor* type) {
  // First the entry, then what is in it: types contain each other.
  const auto [entry, is_new] = shapes_.try_emplace(type, nullptr);
  if (!is_new) return entry->second.get();
  entry->second = std::make_unique<MessageShape>();
  MessageShape* const shape = entry->second.get();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->number() > kMaxFieldNumber) continue;
    MessageShape::Field made{field, ItemsOf(field), nullptr};
    if (field->message_type() != nullptr) made.message = Of(field->message_type());
    const auto number = static_cast<size_t>(field->number());
    if (shape->fields.size() <= number) shape->fields.resize(number + 1);
    shape->fields[number] = made;
  }
  return shape;
}

RequestBounds::RequestBounds(const Descriptor* type, MessageShapes& shapes)
    : shape_(shapes.Of(type)) {
  std::vector<const Descriptor*> above;
  max_bytes_ = 2 * MostBytesOf(type, above) + kSlack;
}

absl::Status RequestBounds::Check(const grpc::ByteBuffer& bytes) const {
  if (!bytes.Valid()) return absl::OkStatus();
  if (bytes.Length() > max_bytes_) {
    return Error(api::v1::Error::TOO_LARGE,
                 absl::StrCat("a request of this method has at most ", max_bytes_, " bytes"));
  }
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    CodedInputStream input(slice.begin(), static_cast<int>(slice.size()));
    return Walk(input).Over(*shape_, 0);
  }
  // The reader wants a buffer that it may change, and doesn't: this shares the bytes.
  grpc::ByteBuffer shared(bytes);
  grpc::ProtoBufferReader reader(&shared);
  if (!reader.status().ok()) return absl::InternalError("a request's bytes can't be read");
  CodedInputStream input(&reader);
  return Walk(input).Over(*shape_, 0);
}

}  // namespace baliprocess::rpc
