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

// The last four bytes of gzip tell how much was packed (RFC 1952 2.3.1), the least of them first.
size_t SizeIn(std::string_view gzip) {
  size_t size = 0;
  for (size_t i = 1; i <= 4 && i <= gzip.size(); ++i) {
    size = size << 8 | static_cast<uint8_t>(gzip[gzip.size() - i]);
  }
  return size;
}

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
    const bool more = result == Z_STREAM_END && stream.avail_in > 0;
    if (more) result = inflateReset(&stream);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (bytes.size() > limit) {
    return Error(api::v1::Error::TOO_LARGE, "the request's body is too large when unpacked");
  }
  if (!whole) return Error(api::v1::Error::MALFORMED_REQUEST, "the request's body isn't gzip");
  return bytes;
}

UnpackedBytes::UnpackedBytes(std::string_view gzip) : size_(SizeIn(gzip)) {
  stream_.next_in = In(gzip);
  stream_.avail_in = static_cast<uInt>(gzip.size());
}

UnpackedBytes::~UnpackedBytes() { inflateEnd(&stream_); }

std::unique_ptr<UnpackedBytes> UnpackedBytes::Of(std::string_view gzip) {
  std::unique_ptr<UnpackedBytes> bytes(new UnpackedBytes(gzip));
  if (inflateInit2(&bytes->stream_, kWindow) != Z_OK) return nullptr;
  return bytes;
}

bool UnpackedBytes::Read(size_t most, std::string& out) {
  const size_t before = out.size();
  out.resize(before + most);
  stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
  stream_.avail_out = static_cast<uInt>(most);
  const int result = inflate(&stream_, Z_NO_FLUSH);
  out.resize(before + most - stream_.avail_out);
  return result == Z_OK || result == Z_STREAM_END;
}

}  // namespace baliprocess::gateway
