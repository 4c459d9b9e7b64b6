// Percent-encoding (RFC 3986 section 2.1) in the paths and queries of URLs.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_PERCENT_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_PERCENT_H_

#include <optional>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

enum class PercentDecoding {
  kAll,
  kAllButSlash,  // %2F and %2f stay as they are: multi-segment variables of google/api/http.proto
  kQuery,        // + is a space: application/x-www-form-urlencoded
};

// Nothing if a % isn't followed by two hexadecimal digits, or if the result isn't UTF-8.
std::optional<std::string> PercentDecode(std::string_view text, PercentDecoding decoding);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_PERCENT_H_
