#include "services/gateway/web/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "common/base/errors.h"

namespace baliprocess::gateway {
namespace {

// zlib's way to say: with the header and the end of gzip.
constexpr int kWindow = 15 + 16;

// Level 1 has most of the effect on JSON at a third of the cost of zlib's own choice, 6.
constexpr int kLevel = 1;

Bytef* In(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

std::optional<std::string> Gzip(std::string_view bytes) {
  z_stream stream = {};
  constexpr int kMemory = 8;
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = In(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return packed;
}

absl::StatusOr<std::string> Gunzip(std::string_view packed, size_t limit) {
  z_stream stream = {};
  if (inflateInit2(&stream, kWindow) != Z_OK) {
    return Error(api::v1::Error::OVERLOADED, "there is no memory to unpack the request's body");
  }
  stream.next_in = In(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string bytes;
  char buffer[16 << 10];
  int result = Z_OK;
  while (result == Z_OK && bytes.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof(buffer);
    result = inflate(&stream, Z_NO_FLUSH);
    bytes.append(buffer, sizeof(buffer) - stream.avail_out);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (bytes.size() > limit) {
    return Error(api::v1::Error::TOO_LARGE, "the request's body is too large when unpacked");
  }
  if (!whole) return Error(api::v1::Error::MALFORMED_REQUEST, "the request's body isn't gzip");
  return bytes;
}

}  // namespace baliprocess::gateway
