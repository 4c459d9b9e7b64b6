#include "common/auth/token.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/auth/base64url.h"
#include "common/auth/caller_cache.h"
#include "common/auth/claims.h"
#include "common/auth/key_store.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {
namespace {

constexpr size_t kMaxToken = 8192;
constexpr std::string_view kScheme = "Bearer ";

// The token of an authorization header; nullopt when there is none.
std::optional<std::string_view> BearerToken(std::string_view authorization) {
  const absl::string_view text(authorization.data(), authorization.size());
  if (!absl::StartsWithIgnoreCase(text, {kScheme.data(), kScheme.size()})) return std::nullopt;
  authorization.remove_prefix(kScheme.size());
  const size_t start = authorization.find_first_not_of(' ');
  if (start == std::string_view::npos) return std::nullopt;
  return authorization.substr(start);
}

// A JWS in compact form (RFC 7515 section 3.1).
struct CompactToken {
  std::string header;
  std::string claims;
  std::string signature;
  std::string_view signed_part;
};

absl::StatusOr<CompactToken> Split(std::string_view token) {
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == last || token.find('.', first + 1) != last) {
    return InvalidToken("isn't a JSON Web Token of three parts");
  }
  if (last + 1 == token.size()) return InvalidToken("isn't signed");
  auto header = Base64UrlDecode(token.substr(0, first));
  auto claims = Base64UrlDecode(token.substr(first + 1, last - first - 1));
  auto signature = Base64UrlDecode(token.substr(last + 1));
  if (!header || !claims || !signature) return InvalidToken("isn't valid base64url");
  return CompactToken{*std::move(header), *std::move(claims), *std::move(signature),
                      token.substr(0, last)};
}

class Verifier final : public TokenVerifier {
 public:
  Verifier(std::unique_ptr<KeyStore> keys, TokenRules rules, const Clock& clock)
      : keys_(std::move(keys)), rules_(std::move(rules)), clock_(clock) {}

  absl::StatusOr<Caller> Verify(std::string_view authorization) override {
    bool signature_checked = false;
    return VerifyCounting(authorization, signature_checked);
  }

  absl::StatusOr<Caller> VerifyCounting(std::string_view authorization,
                                        bool& signature_checked) override {
    signature_checked = false;
    if (authorization.empty()) return Caller();
    const auto token = BearerToken(authorization);
    if (!token) return InvalidToken("isn't a bearer token: the header must be \"Bearer TOKEN\"");
    if (token->size() > kMaxToken) return InvalidToken("is larger than 8 KiB");
    const absl::Time now = clock_.Now();
    if (const auto known = cache_.Find(*token, keys_->Generation(now))) {
      if (now >= known->expires) return ExpiredToken();
      return *known;
    }
    return VerifyNew(*token, now, signature_checked);
  }

 private:
  absl::StatusOr<Caller> VerifyNew(std::string_view token, absl::Time now,
                                   bool& signature_checked) {
    const std::shared_ptr<const KeySet> keys = keys_->Keys();
    ASSIGN_OR_RETURN(const CompactToken parts, Split(token));
    ASSIGN_OR_RETURN(const TokenHeader header, ParseHeader(parts.header));
    RETURN_IF_ERROR(CheckSignature(*keys, header, parts, now, signature_checked));
    ASSIGN_OR_RETURN(Caller caller, JudgeClaims(parts.claims, rules_, now));
    cache_.Put(token, keys->generation, std::make_shared<const Caller>(caller));
    return caller;
  }

  // A token without `kid` is tried with all keys of its algorithm; otherwise with those of that
  // name. Which algorithm is used is the key's choice and never the token's.
  absl::Status CheckSignature(const KeySet& set, const TokenHeader& header,
                              const CompactToken& parts, absl::Time now, bool& checked) {
    bool found = false;
    for (const Jwk& key : set.keys) {
      if (header.kid && *header.kid != key.kid) continue;
      found = true;
      if (header.algorithm != NameOf(key.algorithm)) continue;
      checked = true;
      if (SignatureMatches(key, parts.signed_part, parts.signature)) return absl::OkStatus();
    }
    if (checked) return InvalidToken("has a signature that doesn't match");
    if (found) return InvalidToken("has an algorithm that isn't its key's own");
    keys_->KeyUnknown(now);
    return InvalidToken("is signed with a key that isn't known");
  }

  const std::unique_ptr<KeyStore> keys_;
  const TokenRules rules_;
  const Clock& clock_;
  CallerCache cache_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> TokenVerifier::Create(std::string source,
                                                                     TokenRules rules,
                                                                     absl::Duration refresh,
                                                                     const Clock& clock) {
  if (rules.issuer.empty() || rules.audience.empty()) {
    return absl::InvalidArgumentError("the rules of tokens need an issuer and an audience");
  }
  ASSIGN_OR_RETURN(auto keys, KeyStore::Create(std::move(source), refresh, clock));
  return std::make_unique<Verifier>(std::move(keys), std::move(rules), clock);
}

}  // namespace baliprocess::auth
