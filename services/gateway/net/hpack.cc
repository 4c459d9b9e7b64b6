#include "services/gateway/net/hpack.h"

#include <nghttp2/nghttp2.h>

namespace baliprocess::gateway::hpack {
namespace {

// What a field begins with (6), and a string (5.2): the bits that tell, and how many of the first
// byte's are of the number behind them.
constexpr uint8_t kIndexed = 0x80;
constexpr int kIndexedPrefix = 7;
constexpr uint8_t kEnteringTable = 0x40;
constexpr int kEnteringTablePrefix = 6;
constexpr uint8_t kTableSize = 0x20;
constexpr int kTableSizePrefix = 5;
constexpr uint8_t kNeverIndexed = 0x10;
constexpr int kOtherPrefix = 4;
constexpr uint8_t kHuffman = 0x80;
constexpr int kStringPrefix = 7;

// No number in a frame is larger.
constexpr size_t kLargest = 1 << 24;

}  // namespace

void AppendInteger(size_t value, int prefix_bits, uint8_t pattern, std::string& out) {
  const size_t most = (size_t{1} << prefix_bits) - 1;
  if (value < most) {
    out.push_back(static_cast<char>(pattern | value));
    return;
  }
  out.push_back(static_cast<char>(pattern | most));
  for (value -= most; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>(0x80 | (value & 0x7f)));
  }
  out.push_back(static_cast<char>(value));
}

void AppendString(std::string_view text, std::string& out) {
  AppendInteger(text.size(), kStringPrefix, 0, out);
  out.append(text);
}

void AppendNeverIndexed(std::string_view name, std::string_view value, std::string& out) {
  AppendInteger(0, kOtherPrefix, kNeverIndexed, out);  // 0: the name follows as a string
  AppendString(name, out);
  AppendString(value, out);
}

// By nghttp2, as the value of a field in a block of its own.
std::optional<std::string> DecodeHuffman(std::string_view coded) {
  std::string block;
  AppendInteger(0, kOtherPrefix, 0, block);
  AppendString("x", block);
  AppendInteger(coded.size(), kStringPrefix, kHuffman, block);
  block.append(coded);
  nghttp2_hd_inflater* inflater = nullptr;
  if (nghttp2_hd_inflate_new(&inflater) != 0) return std::nullopt;
  nghttp2_nv field = {};
  int flags = 0;
  const ssize_t size = nghttp2_hd_inflate_hd2(
      inflater, &field, &flags, reinterpret_cast<const uint8_t*>(block.data()), block.size(), 1);
  std::optional<std::string> text;
  if (size == static_cast<ssize_t>(block.size()) && (flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
    text.emplace(reinterpret_cast<const char*>(field.value), field.valuelen);
  }
  nghttp2_hd_inflate_del(inflater);
  return text;
}

std::optional<ValueReader::Value> ValueReader::Next() {
  while (!rest_.empty()) {
    const auto first = static_cast<uint8_t>(rest_.front());
    if ((first & kIndexed) != 0) {
      if (!ReadInteger(kIndexedPrefix)) return std::nullopt;
      continue;
    }
    if ((first & (kEnteringTable | kTableSize)) == kTableSize) {
      if (!ReadInteger(kTableSizePrefix)) return std::nullopt;
      continue;
    }
    const bool enters = (first & kEnteringTable) != 0;
    const auto name = ReadInteger(enters ? kEnteringTablePrefix : kOtherPrefix);
    if (!name || (*name == 0 && !ReadString())) return std::nullopt;
    return ReadString();
  }
  return std::nullopt;
}

std::optional<size_t> ValueReader::ReadInteger(int prefix_bits) {
  if (rest_.empty()) return std::nullopt;
  const size_t most = (size_t{1} << prefix_bits) - 1;
  size_t value = static_cast<uint8_t>(rest_.front()) & most;
  rest_.remove_prefix(1);
  if (value < most) return value;
  for (int shift = 0; !rest_.empty() && value < kLargest && shift < 28; shift += 7) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    value += size_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<ValueReader::Value> ValueReader::ReadString() {
  const std::string_view before = rest_;
  const bool huffman = !rest_.empty() && (static_cast<uint8_t>(rest_.front()) & kHuffman) != 0;
  const auto size = ReadInteger(kStringPrefix);
  if (!size || *size > rest_.size()) return std::nullopt;
  const std::string_view bytes = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return Value{before.substr(0, before.size() - rest_.size()), bytes, huffman};
}

}  // namespace baliprocess::gateway::hpack
