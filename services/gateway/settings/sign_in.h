// Where readers of the gateway's own pages sign in.

#ifndef BALIPROCESS_SERVICES_GATEWAY_SETTINGS_SIGN_IN_H_
#define BALIPROCESS_SERVICES_GATEWAY_SETTINGS_SIGN_IN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::gateway {

// An OpenID provider whose tokens are good, and what the pages are to it. Without an issuer nobody
// signs in: a token can be pasted.
struct SignIn {
  std::string issuer;     // its URL
  std::string origin;     // of the URL: whom the pages may ask besides the gateway
  std::string client_id;  // of the pages
  std::string scope = "openid offline_access";  // what they ask for
  // Where tokens have their roles and their member, for what the pages offer.
  std::string roles_claim = "roles";
  std::string member_claim = "member";
};

// `https://host:port` of a URL, or `http://` on this machine; empty when it isn't one. Nothing in
// it would say something else as a part of a header.
std::string_view OriginOf(std::string_view url);

// For the first of `issuers`, whose client the pages are by `client_id`; without one, nowhere.
// INVALID_ARGUMENT without an issuer, and when its URL isn't one of https:// or, on this machine
// alone, of http://.
absl::StatusOr<SignIn> SignInAt(const std::vector<std::string>& issuers,
                                const std::string& client_id);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SETTINGS_SIGN_IN_H_
