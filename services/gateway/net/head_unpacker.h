// Spares nghttp2 the Huffman code of long strings that come again and again, above all the token
// that a client sends with each call as never indexed: a fifth of a call's work.
//
// Such a string in a HEADERS frame is replaced by what it says, which HPACK allows in its place
// (RFC 7541 5.2). Nothing else of the frame changes: what is never indexed stays so, and what
// enters the table enters it as before. What a string says depends on its bytes alone, on neither
// the table nor the connection. So there is one memo for all connections of an event loop.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HEAD_UNPACKER_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HEAD_UNPACKER_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "services/gateway/net/frame.h"

namespace baliprocess::gateway {

// Holds at most 700 KiB.
class HeadUnpacker {
 public:
  // Strings in the Huffman code that are remembered, in bytes. Shorter ones are quickly decoded.
  static constexpr size_t kShortest = 24;
  static constexpr size_t kLongest = 1024;
  static constexpr size_t kSlots = 256;

  // The frame, which is whole and begins with this header, with the strings replaced that came
  // twice before in a row (among those that share a slot); valid until the next call. Empty: hand
  // on the frame as it came.
  std::string_view Unpack(std::string_view frame, const FrameHeader& header);

 private:
  struct Slot {
    size_t missed = 0;  // the hash of the string that was last sought in vain
    std::string coded;
    std::string text;
  };

  // What the string says; empty: isn't known.
  std::string_view Find(std::string_view coded);

  std::array<Slot, kSlots> slots_;
  std::string unpacked_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HEAD_UNPACKER_H_
