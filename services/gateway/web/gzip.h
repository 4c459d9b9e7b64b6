// The content coding gzip (RFC 1952), by zlib.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_GZIP_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_GZIP_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess::gateway {

// Nothing when memory is out.
std::optional<std::string> Gzip(std::string_view bytes);

// TOO_LARGE when there are more than `limit` bytes, of which no more than these are unpacked;
// MALFORMED_REQUEST when it isn't gzip, or ends too early.
absl::StatusOr<std::string> Gunzip(std::string_view packed, size_t limit);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_GZIP_H_
