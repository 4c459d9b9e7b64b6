// Frames of HTTP/2 (RFC 9113 4.1) as they lie in what comes and goes, beside nghttp2.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_FRAME_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_FRAME_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace baliprocess::gateway {

// What a frame begins with.
struct FrameHeader {
  static constexpr size_t kSize = 9;

  uint32_t length;  // of what follows
  uint8_t type;
  uint8_t flags;
  int32_t stream_id;

  // `bytes` are at least kSize.
  static FrameHeader Read(std::string_view bytes) {
    const auto at = [bytes](size_t i) { return uint32_t{static_cast<uint8_t>(bytes[i])}; };
    return {at(0) << 16 | at(1) << 8 | at(2), static_cast<uint8_t>(at(3)),
            static_cast<uint8_t>(at(4)),
            static_cast<int32_t>((at(5) & 0x7f) << 24 | at(6) << 16 | at(7) << 8 | at(8))};
  }

  // Writes another length, below 2^24, over that of the header at `frame`.
  static void WriteLength(size_t length, char* frame) {
    frame[0] = static_cast<char>(length >> 16);
    frame[1] = static_cast<char>(length >> 8);
    frame[2] = static_cast<char>(length);
  }
};

// Finds the frames in what a client sends, however it comes in pieces.
class FrameScanner {
 public:
  struct Piece {
    std::string_view bytes;
    std::optional<FrameHeader> begun;  // by the end of these bytes, and not before
    bool whole = false;                // the bytes are the frame that has begun, all of it
  };

  // Takes a piece from the front of `bytes`, which aren't empty: no more than a frame.
  Piece Next(std::string_view& bytes) {
    if (skip_ > 0) return {Cut(bytes, skip_), std::nullopt};
    if (partial_ == 0 && bytes.size() >= FrameHeader::kSize) {
      const FrameHeader header = FrameHeader::Read(bytes);
      skip_ = FrameHeader::kSize + header.length;
      const std::string_view frame = Cut(bytes, skip_);
      return {frame, header, skip_ == 0};
    }
    size_t missing = FrameHeader::kSize - partial_;
    const std::string_view part = Cut(bytes, missing);
    part.copy(header_ + partial_, part.size());
    partial_ = (partial_ + part.size()) % FrameHeader::kSize;
    if (missing > 0) return {part, std::nullopt};
    const FrameHeader header = FrameHeader::Read({header_, sizeof(header_)});
    skip_ = header.length;
    return {part, header};
  }

 private:
  // At most `left` bytes from the front; `left` is what is missing then.
  static std::string_view Cut(std::string_view& bytes, size_t& left) {
    const std::string_view cut = bytes.substr(0, left);
    bytes.remove_prefix(cut.size());
    left -= cut.size();
    return cut;
  }

  // Bytes to the end of the frame. The connection preface (RFC 9113 3.4) comes before the first.
  size_t skip_ = 24;
  char header_[FrameHeader::kSize] = {};  // of the next frame, as far as it has come
  size_t partial_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_FRAME_H_
