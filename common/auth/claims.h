// What a token says, apart from who signed it.

#ifndef BALIPROCESS_COMMON_AUTH_CLAIMS_H_
#define BALIPROCESS_COMMON_AUTH_CLAIMS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/caller.h"
#include "common/auth/token.h"

namespace baliprocess::auth {

// TOKEN_INVALID. `why` completes "the token ..." and holds nothing of the token or of the rules.
absl::Status InvalidToken(std::string_view why);
absl::Status ExpiredToken();

// The members of a JOSE header that matter.
struct TokenHeader {
  std::string algorithm;
  std::optional<std::string> kid;
};

// Parses the header's JSON. TOKEN_INVALID when it isn't one that is supported: `crit` says that
// something must be understood which isn't (RFC 7515 section 4.1.11).
absl::StatusOr<TokenHeader> ParseHeader(std::string_view json);

// The `iss` of claims that nobody has judged yet, to find the keys to do so; empty when they have
// none.
std::string ClaimedIssuer(std::string_view json);

// The caller that the claims describe, when they follow the rules at `now`. Its `expires` is the
// moment from which the token is refused: `exp` and the clock skew. TOKEN_EXPIRED or TOKEN_INVALID.
absl::StatusOr<Caller> JudgeClaims(std::string_view json, const TokenRules& rules, absl::Time now);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_CLAIMS_H_
