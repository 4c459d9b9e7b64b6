// Messages to and from the bytes that gRPC carries, with no copy that can be spared.

#ifndef BALIPROCESS_COMMON_RPC_BYTES_H_
#define BALIPROCESS_COMMON_RPC_BYTES_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

#include "common/rpc/service.h"

namespace baliprocess::rpc {

// MALFORMED_REQUEST when the message is compressed: a small one could unpack to any size.
absl::Status CheckNotCompressed(const grpc::ByteBuffer& bytes);

// MALFORMED_REQUEST when the bytes aren't such a message.
absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// An error, without reason, when the message exceeds what protobuf can carry (2 GiB).
absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer& bytes);

// The same bytes, without a copy: they live as long as the transport needs them.
grpc::ByteBuffer Wrap(const SharedBytes& bytes);

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_BYTES_H_
