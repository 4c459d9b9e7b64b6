// A file that lists issuers of tokens.

#ifndef BALIPROCESS_COMMON_AUTH_ISSUERS_H_
#define BALIPROCESS_COMMON_AUTH_ISSUERS_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "common/auth/token.h"

namespace baliprocess::auth {

// Reads a list in JSON:
//
//   [{"issuer": "https://login.example.org", "audience": "baliprocess"},
//    {"issuer": "desk", "audience": "suite", "jwks": "/etc/bali/desk.json",
//     "roles_claim": "realm_access.roles", "member_claim": "org"}]
//
// Without `jwks` the issuer is asked for its keys (Issuer::jwks). What an entry leaves out it has
// from `defaults`; `issuer` is required. An error names the entry, and a member that doesn't exist.
absl::StatusOr<std::vector<Issuer>> ParseIssuers(std::string_view json, const TokenRules& defaults);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_ISSUERS_H_
