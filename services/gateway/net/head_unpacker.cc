#include "services/gateway/net/head_unpacker.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "services/gateway/net/hpack.h"

namespace baliprocess::gateway {
namespace {

// What every peer may send (RFC 9113 6.5.2, SETTINGS_MAX_FRAME_SIZE); we announce no other.
constexpr size_t kMaxFrame = 16 << 10;
constexpr size_t kPriority = 5;  // bytes before the block
constexpr size_t kHashed = 64;   // bytes of a string

// Where the block of fields begins. Frames with padding are rare, and those with the rest of their
// block in CONTINUATION.
size_t BlockOffset(const FrameHeader& header) {
  const bool simple = header.type == NGHTTP2_HEADERS && header.length <= kMaxFrame &&
                      (header.flags & NGHTTP2_FLAG_PADDED) == 0 &&
                      (header.flags & NGHTTP2_FLAG_END_HEADERS) != 0;
  if (!simple) return 0;
  const bool priority = (header.flags & NGHTTP2_FLAG_PRIORITY) != 0;
  return FrameHeader::kSize + (priority ? kPriority : 0);
}

}  // namespace

std::string_view HeadUnpacker::Unpack(std::string_view frame, const FrameHeader& header) {
  const size_t offset = BlockOffset(header);
  if (offset == 0 || frame.size() < offset + kShortest) return {};
  unpacked_.clear();
  const char* from = frame.data();  // what isn't copied yet
  hpack::ValueReader values(frame.substr(offset));
  while (const auto value = values.Next()) {
    if (!value->huffman) continue;
    const std::string_view text = Find(value->bytes);
    if (text.empty()) continue;
    unpacked_.append(from, value->whole.data());
    hpack::AppendString(text, unpacked_);
    from = value->whole.data() + value->whole.size();
  }
  if (unpacked_.empty()) return {};
  unpacked_.append(from, frame.data() + frame.size());
  const size_t length = unpacked_.size() - FrameHeader::kSize;
  if (length > kMaxFrame) return {};
  FrameHeader::WriteLength(length, unpacked_.data());
  return unpacked_;
}

std::string_view HeadUnpacker::Find(std::string_view coded) {
  if (coded.size() < kShortest || coded.size() > kLongest) return {};
  // What is longer is a token, and ends with the signature.
  const std::string_view end = coded.substr(coded.size() - std::min(kHashed, coded.size()));
  const size_t hash = std::hash<std::string_view>()(end);
  Slot& slot = slots_[hash % kSlots];
  if (slot.coded == coded) return slot.text;
  // Once is no sign that it comes again.
  if (std::exchange(slot.missed, hash) != hash) return {};
  auto text = hpack::DecodeHuffman(coded);
  if (!text) return {};
  slot.coded = coded;
  slot.text = *std::move(text);
  return slot.text;
}

}  // namespace baliprocess::gateway
