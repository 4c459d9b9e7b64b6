// Which HTTP a client speaks that hasn't said so by ALPN: its first bytes tell.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_FIRST_BYTES_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_FIRST_BYTES_H_

#include <string_view>

namespace baliprocess::gateway {

// With which a client begins HTTP/2. It is made so that no request of HTTP/1.1 begins like it (RFC
// 9113 3.4).
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum class Spoken { kUnknown, kHttp1, kHttp2 };

// kUnknown: a few more bytes will tell.
inline Spoken SpokenIn(std::string_view first_bytes) {
  if (first_bytes.starts_with(kPreface)) return Spoken::kHttp2;
  return kPreface.starts_with(first_bytes) ? Spoken::kUnknown : Spoken::kHttp1;
}

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_FIRST_BYTES_H_
