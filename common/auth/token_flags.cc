#include "common/auth/token_flags.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "common/auth/fetch.h"
#include "common/auth/issuers.h"
#include "common/base/status_macros.h"

ABSL_FLAG(
    std::string, jwks, "",
    "The keys that sign tokens of --token_issuer: path or https:// URL of a JSON Web Key Set; "
    "http:// is for this machine alone. This, --oidc_issuer or --issuers is required.");
ABSL_FLAG(std::string, token_issuer, "baliprocess",
          "The `iss` of tokens that the keys of --jwks sign.");
ABSL_FLAG(std::string, token_audience, "baliprocess", "The `aud` that a token must have.");
ABSL_FLAG(absl::Duration, token_clock_skew, absl::Seconds(30),
          "How far the clock of the token's issuer may be off.");
ABSL_FLAG(std::string, roles_claim, "roles",
          "The claim with the caller's roles; a dot descends into objects.");
ABSL_FLAG(std::string, member_claim, "member", "The claim with the member the caller speaks for.");
ABSL_FLAG(
    std::vector<std::string>, oidc_issuer, {},
    "Issuers of tokens, besides that of --jwks, by their URLs, joined by commas: they are asked "
    "where their keys are (OpenID Connect Discovery).");
ABSL_FLAG(
    std::string, issuers, "",
    "A JSON file with more issuers, each with its own audience and keys: [{\"issuer\": "
    "\"https://login.example.org\", \"audience\": \"suite\"}, {\"issuer\": \"desk\", \"jwks\": "
    "\"/etc/bali/desk.json\"}]. Without jwks an issuer is asked where its keys are. Also "
    "roles_claim and member_claim; what is left out is as the flags say. The list is read when the "
    "program starts; the keys of its issuers are followed.");

namespace baliprocess::auth {
namespace {

absl::StatusOr<std::vector<Issuer>> IssuersFromFlags() {
  TokenRules rules;
  rules.audience = absl::GetFlag(FLAGS_token_audience);
  rules.clock_skew = absl::GetFlag(FLAGS_token_clock_skew);
  rules.roles_claim = absl::GetFlag(FLAGS_roles_claim);
  rules.member_claim = absl::GetFlag(FLAGS_member_claim);
  std::vector<Issuer> issuers;
  if (const std::string file = absl::GetFlag(FLAGS_issuers); !file.empty()) {
    absl::StatusOr<Fetched> fetched = Fetch(file);
    auto listed = fetched.ok() ? ParseIssuers(fetched->body, rules) : fetched.status();
    if (!listed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--issuers: ", file, ": ", std::string(listed.status().message())));
    }
    issuers = *std::move(listed);
  }
  for (const std::string& url : absl::GetFlag(FLAGS_oidc_issuer)) {
    issuers.push_back({.jwks = "", .rules = rules});
    issuers.back().rules.issuer = url;
  }
  if (const std::string jwks = absl::GetFlag(FLAGS_jwks); !jwks.empty()) {
    rules.issuer = absl::GetFlag(FLAGS_token_issuer);
    issuers.push_back({.jwks = jwks, .rules = std::move(rules)});
  }
  if (issuers.empty()) {
    return absl::InvalidArgumentError(
        "--jwks is required, or --oidc_issuer or --issuers: whose tokens are good");
  }
  return issuers;
}

}  // namespace

absl::Status CheckTokenFlags() { return IssuersFromFlags().status(); }

absl::StatusOr<std::unique_ptr<TokenVerifier>> VerifierFromFlags(
    telemetry::StartState& start, const std::shared_ptr<telemetry::Reloads>& reloads) {
  ASSIGN_OR_RETURN(const std::vector<Issuer> issuers, IssuersFromFlags());
  VerifierOptions options;
  options.on_reload = [reloads](std::string_view what, bool succeeded) {
    reloads->Add(what, succeeded);
  };
  std::unique_ptr<TokenVerifier> verifier;
  const auto attempt = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(verifier, TokenVerifier::Create(issuers, options));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(start.Await("the keys of tokens", attempt, absl::IsUnavailable));
  return verifier;
}

}  // namespace baliprocess::auth
