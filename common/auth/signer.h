// Issues tokens: for the command line and for tests. A deployment with an identity provider of its
// own needs none of this.

#ifndef BALIPROCESS_COMMON_AUTH_SIGNER_H_
#define BALIPROCESS_COMMON_AUTH_SIGNER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/jwk.h"

namespace baliprocess::auth {

// The claims that the suite reads, under the names that TokenRules has by default. Empty ones are
// left out.
struct TokenClaims {
  std::string subject;
  std::string issuer;
  std::string audience;
  std::vector<std::string> roles;  // `secretariat`, `member`, ...
  std::string member;              // `aus` or `members/aus`
  absl::Time issued;
  absl::Time expires;  // to the second
};

std::string ToJson(const TokenClaims& claims);

// Signs with one private key; its `kid` is its thumbprint. Safe for use by many threads.
class TokenSigner {
 public:
  // A private key in PEM, PKCS#8 or traditional, not encrypted: RSA of at least 2048 bits, EC on
  // P-256, or Ed25519.
  static absl::StatusOr<TokenSigner> FromPem(std::string_view pem);

  // A new key.
  static absl::StatusOr<TokenSigner> Generate(Algorithm algorithm = Algorithm::kEdDsa);

  // The token, in compact form. `claims` is a JSON object and is taken as it is.
  absl::StatusOr<std::string> Sign(std::string_view claims) const;

  const Jwk& key() const { return key_; }
  // The JWKS document with the public part: what a TokenVerifier reads.
  std::string PublicJwks() const { return WriteJwks({key_}); }
  // The private key as PKCS#8 in PEM. Keep it from others.
  absl::StatusOr<std::string> PrivatePem() const;

 private:
  explicit TokenSigner(Jwk key) : key_(std::move(key)) {}
  static absl::StatusOr<TokenSigner> Of(std::shared_ptr<EVP_PKEY> key);

  Jwk key_;
};

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_SIGNER_H_
