#include "common/rpc/bytes.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <climits>
#include <cstdint>
#include <string_view>

#include "common/base/errors.h"

namespace baliprocess::rpc {
namespace {

// Knows whether the client compressed the message, which the buffer itself doesn't tell.
class Reader final : public grpc::ProtoBufferReader {
 public:
  using grpc::ProtoBufferReader::ProtoBufferReader;
  bool compressed() { return reader()->buffer_in->data.raw.compression != GRPC_COMPRESS_NONE; }
};

absl::Status Malformed(std::string_view message) {
  return Error(api::v1::Error::MALFORMED_REQUEST, message);
}

}  // namespace

absl::Status CheckNotCompressed(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  if (!bytes.Valid() || bytes.TrySingleSlice(&slice).ok()) return absl::OkStatus();
  // The reader wants a buffer that it may change, and doesn't: this shares the bytes.
  grpc::ByteBuffer shared(bytes);
  Reader reader(&shared);
  if (!reader.status().ok() || !reader.compressed()) return absl::OkStatus();
  return Malformed("the request is compressed: this server takes messages as they are");
}

absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  constexpr std::string_view kOther =
      "the request isn't the protobuf message that the method takes";
  if (!bytes.Valid()) return Malformed(kOther);
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    const bool parsed = message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
    return parsed ? absl::OkStatus() : Malformed(kOther);
  }
  // The reader wants a buffer that it may change, and doesn't: this shares the bytes.
  grpc::ByteBuffer shared(bytes);
  grpc::ProtoBufferReader reader(&shared);
  if (!reader.status().ok()) return Malformed(kOther);
  return message.ParseFromZeroCopyStream(&reader) ? absl::OkStatus() : Malformed(kOther);
}

absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer& bytes) {
  const size_t size = message.ByteSizeLong();
  if (size > INT_MAX) return absl::InternalError("a reply is larger than protobuf can carry");
  const grpc::Slice slice(size);
  // Ours alone until it is given to the buffer, hence writable.
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  bytes = grpc::ByteBuffer(&slice, 1);
  return absl::OkStatus();
}

grpc::ByteBuffer Wrap(const SharedBytes& bytes) {
  const grpc::Slice slice(
      const_cast<char*>(bytes->data()), bytes->size(),
      [](void* holder) { delete static_cast<SharedBytes*>(holder); }, new SharedBytes(bytes));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace baliprocess::rpc
