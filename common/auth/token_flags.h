// The flags that say which tokens are good. Linked into programs that call this.

#ifndef BALIPROCESS_COMMON_AUTH_TOKEN_FLAGS_H_
#define BALIPROCESS_COMMON_AUTH_TOKEN_FLAGS_H_

#include <memory>

#include "absl/status/statusor.h"

#include "common/auth/token.h"

namespace baliprocess::auth {

// --jwks, --oidc_issuer, --issuers, --token_*, --roles_claim, --member_claim. Reads the keys.
absl::StatusOr<std::unique_ptr<TokenVerifier>> VerifierFromFlags(OnReload on_reload = nullptr);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_TOKEN_FLAGS_H_
