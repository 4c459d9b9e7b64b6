// Base64url without padding (RFC 4648 section 5, RFC 7515 section 2).

#ifndef BALIPROCESS_COMMON_AUTH_BASE64URL_H_
#define BALIPROCESS_COMMON_AUTH_BASE64URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace baliprocess::auth {

std::string Base64UrlEncode(std::string_view bytes);

// The reverse. Every byte string has exactly one accepted form: padding, white space, the other
// alphabet and set bits after the last byte are refused, so that a token can't be written in
// two ways.
std::optional<std::string> Base64UrlDecode(std::string_view text);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_BASE64URL_H_
