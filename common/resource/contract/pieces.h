// A reply that may be too large for one message, as a stream of messages of its type: its texts and
// bytes are cut, its lists spread; a number comes once, and so does a short text, such as the media
// type of a google.api.HttpBody. Whoever joins each field of the messages, in their order, and the
// fields of a message within a message likewise, has the reply.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_PIECES_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_PIECES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace baliprocess::resource {

// The most bytes of texts and list elements in a piece; a larger element is a piece by itself.
// Small, since of a piece that is on its way nobody sees how far it is: a slow reader shows that it
// reads by each piece that it took (rpc/stream_call.h).
inline constexpr size_t kPieceBytes = 128 << 10;

class Pieces {
 public:
  // `whole` has strings, bytes, int32 and lists of messages alone, and messages that have these.
  explicit Pieces(std::unique_ptr<google::protobuf::Message> whole);

  // Fills `piece`, an empty message of the type, with what comes next. False: there is nothing
  // more. The first piece is there even of an empty reply.
  bool Next(google::protobuf::Message& piece);

 private:
  using Path = std::vector<const google::protobuf::FieldDescriptor*>;
  // A field that has something, by the fields that it is in.
  struct Leaf {
    Path inside;
    const google::protobuf::FieldDescriptor* field;
    const google::protobuf::Message* from;  // the message of the whole that has it
  };

  void FindLeaves(const google::protobuf::Message& message, const Path& inside);
  // What is taken of a field adds to `bytes`; false: there is more of the field.
  bool Take(const Leaf& leaf, size_t& bytes, google::protobuf::Message& piece);
  bool TakeText(const Leaf& leaf, size_t& bytes, google::protobuf::Message& piece);
  bool TakeElements(const Leaf& leaf, size_t& bytes, google::protobuf::Message& piece);

  const std::unique_ptr<google::protobuf::Message> whole_;
  std::vector<Leaf> leaves_;  // in the order of the descriptors
  bool begun_ = false;
  size_t leaf_ = 0;  // the next
  size_t at_ = 0;    // how much of it was taken: bytes or elements
};

// Adds a piece to what the pieces before it made.
void AppendPiece(const google::protobuf::Message& piece, google::protobuf::Message& whole);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_PIECES_H_
