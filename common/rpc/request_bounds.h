// What a request of a method may hold, worked out from the limits of its fields: judged on the
// bytes, before a message is made of them. A message takes many times the memory of its bytes: an
// empty element of a list has two bytes on the wire and 32 or more as a string or message.
//
//   - A request has at most twice as many bytes as its fields at their limits (max_length
//   characters
//     of four bytes, max_items elements), if those are less than the server's own limit: TOO_LARGE.
//     Twice, so that what is somewhat too long is told which field that is.
//   - A list has at most max_items elements, at every level: INVALID_FIELDS, naming the list.
//   - A message in a field that isn't a list comes once. Protobuf would merge several, and a list
//     within them would grow; no encoder writes that: MALFORMED_REQUEST.
//   - At most 1,000 fields that the contract doesn't know, all together: TOO_LARGE.
//
// Lists that are OUTPUT_ONLY, which a client may send back and the services ignore, have at least
// 1,000 elements.

#ifndef BALIPROCESS_COMMON_RPC_REQUEST_BOUNDS_H_
#define BALIPROCESS_COMMON_RPC_REQUEST_BOUNDS_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

namespace baliprocess::rpc {

// The fields of a message type, as far as their bounds go.
struct MessageShape {
  struct Field {
    const google::protobuf::FieldDescriptor* descriptor = nullptr;  // nullptr: no such field
    int max_items = 0;                      // 1 for a message, 0 for other fields that aren't lists
    const MessageShape* message = nullptr;  // of a message field
  };
  std::vector<Field> fields;  // by number
};

// The shapes of message types, made when they are asked for first. Methods share them.
class MessageShapes {
 public:
  const MessageShape* Of(const google::protobuf::Descriptor* type);

 private:
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessageShape>> shapes_;
};

class RequestBounds {
 public:
  // The bounds of messages of this type. The type and the shapes outlive them.
  RequestBounds(const google::protobuf::Descriptor* type, MessageShapes& shapes);

  // OK when `bytes` keep the bounds. Whether they are such a message, the parser finds out.
  absl::Status Check(const grpc::ByteBuffer& bytes) const;

  // The most bytes of a message of this type.
  size_t max_bytes() const { return max_bytes_; }

 private:
  const MessageShape* shape_ = nullptr;
  size_t max_bytes_ = 0;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_REQUEST_BOUNDS_H_
