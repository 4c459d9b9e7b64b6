#include "services/gateway/net/work.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>

namespace baliprocess::gateway {
namespace {

constexpr size_t kHeaderBytes = 9;
constexpr double kSettingBytes = 6;

}  // namespace

double FrameCost(uint8_t type, size_t length) {
  const auto bytes = static_cast<double>(length);
  switch (type) {
    case NGHTTP2_HEADERS:  // begins a call
      return bytes * Work::kHeadByte;
    case NGHTTP2_CONTINUATION:
      return 5 + bytes * Work::kHeadByte;
    case NGHTTP2_SETTINGS:  // each is applied to the streams that are open, and answered
      return 10 + bytes / kSettingBytes / 4;
    case NGHTTP2_PING:
      return 2;
    default:
      return 1;
  }
}

double FrameMeter::Pass(std::string_view bytes) {
  double cost = 0;
  while (!bytes.empty()) {
    if (skip_ > 0) {
      const size_t n = std::min(skip_, bytes.size());
      skip_ -= n;
      bytes.remove_prefix(n);
      continue;
    }
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    header_[header_bytes_++] = byte;
    if (header_bytes_ < sizeof(header_)) continue;
    header_bytes_ = 0;
    const size_t length = size_t{header_[0]} << 16 | size_t{header_[1]} << 8 | header_[2];
    const uint8_t type = header_[3];
    cost += FrameCost(type, length);
    skip_ = kHeaderBytes - sizeof(header_) + length;
  }
  return cost;
}

}  // namespace baliprocess::gateway
