#include "common/rpc/bytes.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <climits>
#include <cstdint>

#include "common/base/errors.h"

namespace baliprocess::rpc {
namespace {

bool ParseBytes(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    return message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  }
  // The reader wants a buffer that it may change, and doesn't: this shares the bytes.
  grpc::ByteBuffer shared(bytes);
  grpc::ProtoBufferReader reader(&shared);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace

absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  if (bytes.Valid() && ParseBytes(bytes, message)) return absl::OkStatus();
  return Error(api::v1::MALFORMED_REQUEST,
               "the request isn't the protobuf message that the method takes");
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

}  // namespace baliprocess::rpc
