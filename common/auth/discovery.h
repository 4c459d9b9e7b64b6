// Where an issuer of tokens keeps its keys, and where one signs in, as it says itself: OpenID
// Connect Discovery 1.0.

#ifndef BALIPROCESS_COMMON_AUTH_DISCOVERY_H_
#define BALIPROCESS_COMMON_AUTH_DISCOVERY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess::auth {

// The URL of the issuer's keys, by the document at `issuer`/.well-known/openid-configuration. An
// error when that can't be read (fetch.h), is of another issuer, or names no URL that keys may come
// from.
absl::StatusOr<std::string> DiscoverKeys(const std::string& issuer);

// The same of the document at hand.
absl::StatusOr<std::string> KeysIn(std::string_view document, const std::string& issuer);

// Where a program asks the issuer for tokens (RFC 8414, RFC 8628, RFC 7009); "" where the document
// names nothing.
struct Endpoints {
  std::string authorization;
  std::string device_authorization;
  std::string token;
  std::string revocation;
};

// Those that the issuer's document names, under the conditions of DiscoverKeys. `ca_file` is that
// of Fetch.
absl::StatusOr<Endpoints> DiscoverEndpoints(const std::string& issuer,
                                            const std::string& ca_file = "");

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_DISCOVERY_H_
