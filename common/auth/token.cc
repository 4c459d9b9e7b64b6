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
  // One issuer: its keys, and what its tokens must say.
  struct Source {
    std::unique_ptr<KeyStore> keys;
    TokenRules rules;
  };

  Verifier(std::vector<Source> sources, const Clock& clock)
      : sources_(std::move(sources)), clock_(clock) {}

  absl::StatusOr<Caller> Verify(std::string_view authorization) override {
    bool signature_checked = false;
    return VerifyCounting(authorization, signature_checked);
  }

  void Reload() override {
    for (const Source& source : sources_) source.keys->ReadNow();
  }

  absl::StatusOr<Caller> VerifyCounting(std::string_view authorization,
                                        bool& signature_checked) override {
    signature_checked = false;
    if (authorization.empty()) return Caller();
    const auto token = BearerToken(authorization);
    if (!token) return InvalidToken("isn't a bearer token: the header must be \"Bearer TOKEN\"");
    if (token->size() > kMaxToken) return InvalidToken("is larger than 8 KiB");
    const absl::Time now = clock_.Now();
    const uint64_t generation = Generation(now);
    if (const auto known = cache_.Find(*token, generation)) {
      if (now >= known->expires) return ExpiredToken();
      return *known;
    }
    return VerifyNew(*token, generation, now, signature_checked);
  }

 private:
  // Of all keys: each source's only grows.
  uint64_t Generation(absl::Time now) {
    uint64_t sum = 0;
    for (const Source& source : sources_) sum += source.keys->Generation(now);
    return sum;
  }

  absl::StatusOr<Caller> VerifyNew(std::string_view token, uint64_t generation, absl::Time now,
                                   bool& signature_checked) {
    ASSIGN_OR_RETURN(const CompactToken parts, Split(token));
    ASSIGN_OR_RETURN(const TokenHeader header, ParseHeader(parts.header));
    const Source* const source = FindSource(parts.claims);
    if (source == nullptr) return InvalidToken("is from another issuer (iss)");
    RETURN_IF_ERROR(CheckSignature(*source->keys, header, parts, now, signature_checked));
    ASSIGN_OR_RETURN(Caller caller, JudgeClaims(parts.claims, source->rules, now));
    // Keys that have changed meanwhile have another generation: then it is soon forgotten.
    cache_.Put(token, generation, std::make_shared<const Caller>(caller));
    return caller;
  }

  const Source* FindSource(std::string_view claims) const {
    if (sources_.size() == 1) return &sources_.front();
    const std::string issuer = ClaimedIssuer(claims);
    for (const Source& source : sources_) {
      if (source.rules.issuer == issuer) return &source;
    }
    return nullptr;
  }

  // A token without `kid` is tried with all keys of its algorithm; otherwise with those of that
  // name. Which algorithm is used is the key's choice and never the token's.
  static absl::Status CheckSignature(KeyStore& keys, const TokenHeader& header,
                                     const CompactToken& parts, absl::Time now, bool& checked) {
    bool found = false;
    const std::shared_ptr<const KeySet> set = keys.Keys();
    for (const Jwk& key : set->keys) {
      if (header.kid && *header.kid != key.kid) continue;
      found = true;
      if (header.algorithm != NameOf(key.algorithm)) continue;
      checked = true;
      if (SignatureMatches(key, parts.signed_part, parts.signature)) return absl::OkStatus();
    }
    if (checked) return InvalidToken("has a signature that doesn't match");
    if (found) return InvalidToken("has an algorithm that isn't its key's own");
    keys.KeyUnknown(now);
    return InvalidToken("is signed with a key that isn't known");
  }

  const std::vector<Source> sources_;
  const Clock& clock_;
  CallerCache cache_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> TokenVerifier::Create(std::string source,
                                                                     TokenRules rules,
                                                                     absl::Duration refresh,
                                                                     const Clock& clock) {
  return Create({{std::move(source), std::move(rules)}}, {.refresh = refresh, .on_reload = nullptr},
                clock);
}

absl::StatusOr<std::unique_ptr<TokenVerifier>> TokenVerifier::Create(
    const std::vector<Issuer>& issuers, const VerifierOptions& options, const Clock& clock) {
  std::vector<Verifier::Source> sources;
  for (const Issuer& issuer : issuers) {
    const TokenRules& rules = issuer.rules;
    if (rules.issuer.empty() || rules.audience.empty()) {
      return absl::InvalidArgumentError("the rules of tokens need an issuer and an audience");
    }
    for (const Verifier::Source& other : sources) {
      if (other.rules.issuer != rules.issuer) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("two issuers of tokens have one name: ", rules.issuer));
    }
    const bool discover = issuer.jwks.empty();
    ASSIGN_OR_RETURN(auto keys, KeyStore::Create({discover ? rules.issuer : issuer.jwks, discover},
                                                 options.refresh, clock, options.on_reload));
    sources.push_back({std::move(keys), rules});
  }
  return std::make_unique<Verifier>(std::move(sources), clock);
}

}  // namespace baliprocess::auth
