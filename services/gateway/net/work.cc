#include "services/gateway/net/work.h"

#include <nghttp2/nghttp2.h>

namespace baliprocess::gateway {
namespace {

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
    const FrameScanner::Piece piece = frames_.Next(bytes);
    if (piece.begun) cost += FrameCost(piece.begun->type, piece.begun->length);
  }
  return cost;
}

}  // namespace baliprocess::gateway
