// A reply that may be too large for one message, as a stream of messages of its type: its texts are
// cut, its lists spread. Whoever joins each field of the messages, in their order, has the reply.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_PIECES_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_PIECES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <memory>

namespace baliprocess::resource {

// The most bytes of texts and list elements in a piece; a larger element is a piece by itself.
// Small, since of a piece that is on its way nobody sees how far it is: a slow reader shows that it
// reads by each piece that it took (rpc/stream_call.h).
inline constexpr size_t kPieceBytes = 128 << 10;

class Pieces {
 public:
  // `whole` has strings and lists of messages alone.
  explicit Pieces(std::unique_ptr<google::protobuf::Message> whole) : whole_(std::move(whole)) {}

  // Fills `piece`, an empty message of the type, with what comes next. False: there is nothing
  // more. The first piece is there even of an empty reply.
  bool Next(google::protobuf::Message& piece);

 private:
  // What is taken of a field adds to `bytes`; false: there is more of the field.
  bool TakeText(const google::protobuf::FieldDescriptor* field, size_t& bytes,
                google::protobuf::Message& piece);
  bool TakeElements(const google::protobuf::FieldDescriptor* field, size_t& bytes,
                    google::protobuf::Message& piece);

  const std::unique_ptr<google::protobuf::Message> whole_;
  bool begun_ = false;
  int field_ = 0;  // the next, in the order of the descriptor
  size_t at_ = 0;  // how much of it was taken: bytes or elements
};

// Adds a piece to what the pieces before it made.
void AppendPiece(const google::protobuf::Message& piece, google::protobuf::Message& whole);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_PIECES_H_
