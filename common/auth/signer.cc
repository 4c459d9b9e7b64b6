#include "common/auth/signer.h"

#include <openssl/pem.h>

#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "common/auth/base64url.h"
#include "common/auth/openssl_ptr.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {
namespace {

using Json = nlohmann::json;

// Instead of OpenSSL's own, which would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

std::string ToJson(const TokenClaims& claims) {
  Json json = {{"sub", claims.subject},
               {"iat", absl::ToUnixSeconds(claims.issued)},
               {"exp", absl::ToUnixSeconds(claims.expires)}};
  if (!claims.issuer.empty()) json["iss"] = claims.issuer;
  if (!claims.audience.empty()) json["aud"] = claims.audience;
  if (!claims.roles.empty()) json["roles"] = claims.roles;
  if (!claims.member.empty()) json["member"] = claims.member;
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

absl::StatusOr<TokenSigner> TokenSigner::Of(std::shared_ptr<EVP_PKEY> key) {
  const auto algorithm = AlgorithmOf(key.get());
  if (!algorithm) {
    return absl::InvalidArgumentError(
        "the key is of another kind than RSA of 2048 to 8192 bits, EC on P-256, or Ed25519");
  }
  Jwk jwk{"", *algorithm, std::move(key)};
  jwk.kid = Thumbprint(jwk);
  return TokenSigner(std::move(jwk));
}

absl::StatusOr<TokenSigner> TokenSigner::FromPem(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* key =
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr) : nullptr;
  if (!key) return absl::InvalidArgumentError("not an unencrypted private key in PEM");
  return Of(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

absl::StatusOr<TokenSigner> TokenSigner::Generate(Algorithm algorithm) {
  EVP_PKEY* key = nullptr;
  switch (algorithm) {
    case Algorithm::kRs256:
      key = EVP_RSA_gen(2048);
      break;
    case Algorithm::kEs256:
      key = EVP_EC_gen("P-256");
      break;
    case Algorithm::kEdDsa:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
  }
  if (!key) return absl::InternalError("no key could be made");
  return Of(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

absl::StatusOr<std::string> TokenSigner::Sign(std::string_view claims) const {
  const Json header = {
      {"alg", std::string(NameOf(key_.algorithm))}, {"typ", "JWT"}, {"kid", key_.kid}};
  const std::string input =
      absl::StrCat(Base64UrlEncode(header.dump()), ".", Base64UrlEncode(claims));
  ASSIGN_OR_RETURN(const std::string signature, auth::Sign(key_, input));
  return absl::StrCat(input, ".", Base64UrlEncode(signature));
}

absl::StatusOr<std::string> TokenSigner::PrivatePem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  char* data = nullptr;
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.key.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1) {
    return absl::InternalError("the key can't be written");
  }
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, size);
}

}  // namespace baliprocess::auth
