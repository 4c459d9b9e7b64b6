// The flags that say which tokens are good. Linked into programs that call this.

#ifndef BALIPROCESS_COMMON_AUTH_TOKEN_FLAGS_H_
#define BALIPROCESS_COMMON_AUTH_TOKEN_FLAGS_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/auth/token.h"
#include "common/telemetry/reloads.h"
#include "common/telemetry/start_state.h"

namespace baliprocess::auth {

// INVALID_ARGUMENT when the flags below name no issuer, or a list of them that can't be read.
absl::Status CheckTokenFlags();

// --jwks, --oidc_issuer, --issuers, --token_*, --roles_claim, --member_claim. Reads the keys: while
// their URL doesn't answer, the start waits for it. `reloads` counts when they are read anew.
absl::StatusOr<std::unique_ptr<TokenVerifier>> VerifierFromFlags(
    telemetry::StartState& start, const std::shared_ptr<telemetry::Reloads>& reloads);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_TOKEN_FLAGS_H_
