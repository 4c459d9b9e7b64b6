#include "common/auth/token_flags.h"

#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

ABSL_FLAG(std::string, jwks, "",
          "The keys that sign tokens: path or http(s) URL of a JSON Web Key Set. Required.");
ABSL_FLAG(std::string, token_issuer, "baliprocess", "The `iss` that a token must have.");
ABSL_FLAG(std::string, token_audience, "baliprocess", "The `aud` that a token must have.");
ABSL_FLAG(absl::Duration, token_clock_skew, absl::Seconds(30),
          "How far the clock of the token's issuer may be off.");
ABSL_FLAG(std::string, roles_claim, "roles",
          "The claim with the caller's roles; a dot descends into objects.");
ABSL_FLAG(std::string, member_claim, "member", "The claim with the member the caller speaks for.");

namespace baliprocess::auth {

absl::StatusOr<std::unique_ptr<TokenVerifier>> VerifierFromFlags() {
  if (absl::GetFlag(FLAGS_jwks).empty()) {
    return absl::InvalidArgumentError("--jwks is required: path or URL of the keys of tokens");
  }
  TokenRules rules;
  rules.issuer = absl::GetFlag(FLAGS_token_issuer);
  rules.audience = absl::GetFlag(FLAGS_token_audience);
  rules.clock_skew = absl::GetFlag(FLAGS_token_clock_skew);
  rules.roles_claim = absl::GetFlag(FLAGS_roles_claim);
  rules.member_claim = absl::GetFlag(FLAGS_member_claim);
  return TokenVerifier::Create(absl::GetFlag(FLAGS_jwks), std::move(rules));
}

}  // namespace baliprocess::auth
