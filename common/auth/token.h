// Verification of bearer tokens: JSON Web Tokens (RFC 7519) signed with RS256, ES256 or EdDSA
// (Ed25519), by keys of a JSON Web Key Set (RFC 7517) in a file or behind a URL.

#ifndef BALIPROCESS_COMMON_AUTH_TOKEN_H_
#define BALIPROCESS_COMMON_AUTH_TOKEN_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/caller.h"
#include "common/base/clock.h"

namespace baliprocess::auth {

// What a token must say.
struct TokenRules {
  // Required `iss`, compared byte for byte.
  std::string issuer;
  // Required among `aud` (a string or an array).
  std::string audience;
  // How far clocks may differ: applies to `exp`, `nbf` and `iat`.
  absl::Duration clock_skew = absl::Seconds(30);
  // The claim that lists the roles: an array of strings or one string with spaces, in any case
  // (`secretariat`). A dot descends into objects (`realm_access.roles`). Unknown roles are ignored.
  std::string roles_claim = "roles";
  // The claim that names the caller's member: `aus` or `members/aus`.
  std::string member_claim = "member";
};

// Is told when keys have changed, and when they could no longer be read, whereupon those that there
// were stay. `what` is "jwks".
using OnReload = std::function<void(std::string_view what, bool succeeded)>;

// Whose tokens are good.
struct Issuer {
  // The path or https:// URL of a JWKS document; http:// is for this machine alone. Empty: the
  // rules' issuer is an https:// URL, below which OpenID Connect Discovery tells where its keys
  // are.
  std::string jwks;
  TokenRules rules;
};

struct VerifierOptions {
  absl::Duration refresh = absl::Minutes(5);  // of URLs whose answers have no Cache-Control
  OnReload on_reload;                         // from any thread; may be null
};

// Verifies tokens. Safe for use by many threads. Verified tokens are remembered (bounded, until
// they expire; expiry is judged on every call; forgotten when keys change), because a signature
// costs more than everything else in a call.
class TokenVerifier {
 public:
  // `source` is Issuer::jwks. A file is read again when it changes, a URL as its Cache-Control says
  // or every `refresh` (key_store.h) and, at most every 10 s, when a token names an unknown key. An
  // error when the first read fails. A later failure keeps the keys there are and is logged. The
  // URL is read by a thread of its own and Verify never waits for it: a token that names an
  // unknown key is refused at once, and accepted when it comes again after the key has arrived.
  static absl::StatusOr<std::unique_ptr<TokenVerifier>> Create(
      std::string source, TokenRules rules, absl::Duration refresh = absl::Minutes(5),
      const Clock& clock = Clock::System());

  // The same for tokens of several issuers, each with keys of its own. Two of one name are an
  // error.
  static absl::StatusOr<std::unique_ptr<TokenVerifier>> Create(
      const std::vector<Issuer>& issuers, const VerifierOptions& options,
      const Clock& clock = Clock::System());

  virtual ~TokenVerifier() = default;

  // The caller behind the value of an `authorization` header. Empty: the anonymous caller.
  // Otherwise it must be `Bearer TOKEN` (the scheme in any case); TOKEN_INVALID or TOKEN_EXPIRED
  // when the token isn't acceptable. The algorithm must be the key's own: `none`, HS256 and a key
  // of another type are refused whatever the header says.
  virtual absl::StatusOr<Caller> Verify(std::string_view authorization) = 0;

  // Reads the keys anew, without waiting until that is due.
  virtual void Reload() {}

  // The same as Verify; says whether a signature was checked, which is what costs.
  virtual absl::StatusOr<Caller> VerifyCounting(std::string_view authorization,
                                                bool& signature_checked) {
    signature_checked = true;
    return Verify(authorization);
  }
};

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_TOKEN_H_
