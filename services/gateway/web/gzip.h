// The content coding gzip (RFC 1952), by zlib.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_GZIP_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_GZIP_H_

#include <zlib.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "services/gateway/web/reply_bytes.h"

namespace baliprocess::gateway {

// Nothing when memory is out.
std::optional<std::string> Gzip(std::string_view bytes);

// Of all members, one behind the other (RFC 1952 2.2). TOO_LARGE when they have more than `limit`
// bytes, of which no more than these are unpacked; MALFORMED_REQUEST when it isn't gzip, or ends
// too early.
absl::StatusOr<std::string> Gunzip(std::string_view packed, size_t limit);

// Unpacks as it is read: what is held is zlib's window, whatever the size of the whole.
class UnpackedBytes final : public ReplyBytes {
 public:
  // `gzip` is well-formed, of less than 4 GiB unpacked, and lives as long as the program. Null when
  // memory is out.
  static std::unique_ptr<UnpackedBytes> Of(std::string_view gzip);
  ~UnpackedBytes() override;

  size_t size() const override { return size_; }
  bool Read(size_t most, std::string& out) override;

 private:
  explicit UnpackedBytes(std::string_view gzip);

  const size_t size_;
  z_stream stream_ = {};
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_GZIP_H_
