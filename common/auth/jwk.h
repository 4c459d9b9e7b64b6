// Keys: JSON Web Keys (RFC 7517, 7518, 8037) and the signatures they make and check (RFC 7515).

#ifndef BALIPROCESS_COMMON_AUTH_JWK_H_
#define BALIPROCESS_COMMON_AUTH_JWK_H_

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::auth {

// A key has exactly one algorithm: RSA of 2048 to 8192 bits, EC on P-256, Ed25519.
enum class Algorithm { kRs256, kEs256, kEdDsa };

// `RS256`, `ES256` or `EdDSA`: the value of `alg`.
std::string_view NameOf(Algorithm algorithm);

// A key of OpenSSL, public or private, and what it is good for. Immutable, cheap to copy, safe for
// use by many threads.
struct Jwk {
  // Names the key in tokens; empty when the document gives none.
  std::string kid;
  Algorithm algorithm = Algorithm::kEdDsa;
  std::shared_ptr<EVP_PKEY> key;
};

// The algorithm of a key; nullopt when it is of a type or size that isn't used here.
std::optional<Algorithm> AlgorithmOf(EVP_PKEY* key);

// The signing keys of a JWKS document. Keys that aren't usable are left out, as RFC 7517 section 5
// asks: unknown types and curves, RSA of the wrong size, missing or malformed members, a `use`
// other than `sig`, `key_ops` without `verify`, an `alg` that isn't the key's own. Private parts
// are ignored. An error when the document isn't a JWKS, or none of its keys is usable; a set
// without keys has none, which is no error: then no token is good.
absl::StatusOr<std::vector<Jwk>> ParseJwks(std::string_view document);

// A JWKS document with the public parts of the keys.
std::string WriteJwks(const std::vector<Jwk>& keys);

// The key's thumbprint with SHA-256 (RFC 7638), in base64url.
std::string Thumbprint(const Jwk& jwk);

// The signature of `data` in the form of RFC 7515; the key must have its private part.
absl::StatusOr<std::string> Sign(const Jwk& jwk, std::string_view data);

// Whether `signature` is the key's over `data`.
bool SignatureMatches(const Jwk& jwk, std::string_view data, std::string_view signature);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_JWK_H_
