#include "common/auth/jwk.h"

#include <openssl/core_names.h>

#include <nlohmann/json.hpp>

#include "common/auth/base64url.h"
#include "common/auth/openssl_ptr.h"
#include "common/base/ids.h"

namespace baliprocess::auth {
namespace {

using Json = nlohmann::json;

constexpr int kMinRsaBits = 2048;
// A larger key would make each verification costly.
constexpr int kMaxRsaBits = 8192;
constexpr size_t kCoordinateBytes = 32;  // of P-256, and the size of an Ed25519 key

std::optional<std::string> TextMember(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::optional<std::string> BytesMember(const Json& json, const char* name) {
  const auto text = TextMember(json, name);
  return text ? Base64UrlDecode(*text) : std::nullopt;
}

BignumPtr ToBignum(const std::string& bytes) {
  return BignumPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> Own(EVP_PKEY* key) {
  return key ? std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free) : nullptr;
}

std::shared_ptr<EVP_PKEY> KeyFromParams(const char* type, OSSL_PARAM_BLD* builder) {
  ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Own(key);
}

std::shared_ptr<EVP_PKEY> RsaKey(const Json& json) {
  const auto n = BytesMember(json, "n");
  const auto e = BytesMember(json, "e");
  if (!n || !e || n->size() > kMaxRsaBits / 8 || e->size() > sizeof(uint64_t)) return nullptr;
  const BignumPtr modulus = ToBignum(*n);
  const BignumPtr exponent = ToBignum(*e);
  // With an exponent of 1 every message would be its own signature.
  if (!modulus || !exponent || !BN_is_odd(modulus.get()) || !BN_is_odd(exponent.get()) ||
      BN_is_one(exponent.get())) {
    return nullptr;
  }
  ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (!builder || !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get())) {
    return nullptr;
  }
  return KeyFromParams("RSA", builder.get());
}

std::shared_ptr<EVP_PKEY> EcKey(const Json& json) {
  const auto x = BytesMember(json, "x");
  const auto y = BytesMember(json, "y");
  if (TextMember(json, "crv") != "P-256" || !x || !y || x->size() != kCoordinateBytes ||
      y->size() != kCoordinateBytes) {
    return nullptr;
  }
  const std::string point = '\x04' + *x + *y;  // uncompressed (SEC 1 section 2.3.3)
  ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      !OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                       0) ||
      !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                        point.size())) {
    return nullptr;
  }
  return KeyFromParams("EC", builder.get());  // refuses points that aren't on the curve
}

std::shared_ptr<EVP_PKEY> OkpKey(const Json& json) {
  const auto x = BytesMember(json, "x");
  if (TextMember(json, "crv") != "Ed25519" || !x || x->size() != kCoordinateBytes) return nullptr;
  return Own(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(x->data()), x->size()));
}

std::shared_ptr<EVP_PKEY> PublicKey(const Json& json) {
  const auto type = TextMember(json, "kty");
  if (type == "RSA") return RsaKey(json);
  if (type == "EC") return EcKey(json);
  if (type == "OKP") return OkpKey(json);
  return nullptr;
}

bool MayVerify(const Json& json, Algorithm algorithm) {
  if (json.contains("use") && TextMember(json, "use") != "sig") return false;
  if (json.contains("alg") && TextMember(json, "alg") != NameOf(algorithm)) return false;
  const auto operations = json.find("key_ops");
  if (operations == json.end()) return true;
  return operations->is_array() &&
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

std::optional<Jwk> ParseKey(const Json& json) {
  if (!json.is_object() || (json.contains("kid") && !json["kid"].is_string())) return std::nullopt;
  auto key = PublicKey(json);
  const auto algorithm = key ? AlgorithmOf(key.get()) : std::nullopt;
  if (!algorithm || !MayVerify(json, *algorithm)) return std::nullopt;
  return Jwk{TextMember(json, "kid").value_or(""), *algorithm, std::move(key)};
}

std::string NumberParam(EVP_PKEY* key, const char* name, size_t at_least = 1) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
  const BignumPtr owned(number);
  std::string bytes(std::max<size_t>(at_least, BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  return Base64UrlEncode(bytes);
}

// The members that identify the key: exactly those that its thumbprint covers.
Json PublicMembers(const Jwk& jwk) {
  EVP_PKEY* key = jwk.key.get();
  switch (jwk.algorithm) {
    case Algorithm::kRs256:
      return {{"kty", "RSA"},
              {"n", NumberParam(key, OSSL_PKEY_PARAM_RSA_N)},
              {"e", NumberParam(key, OSSL_PKEY_PARAM_RSA_E)}};
    case Algorithm::kEs256:
      return {{"kty", "EC"},
              {"crv", "P-256"},
              {"x", NumberParam(key, OSSL_PKEY_PARAM_EC_PUB_X, kCoordinateBytes)},
              {"y", NumberParam(key, OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinateBytes)}};
    case Algorithm::kEdDsa:
      break;
  }
  std::string raw(kCoordinateBytes, '\0');
  size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size);
  return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", Base64UrlEncode(raw)}};
}

// ES256 signatures are r and s, 32 bytes each (RFC 7518 section 3.4); OpenSSL speaks DER.
std::optional<std::string> RawFromDer(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaSignaturePtr pair(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  std::string raw(2 * kCoordinateBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, kCoordinateBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + kCoordinateBytes, kCoordinateBytes) < 0) {
    return std::nullopt;
  }
  return raw;
}

std::optional<std::string> DerFromRaw(std::string_view raw) {
  if (raw.size() != 2 * kCoordinateBytes) return std::nullopt;
  const EcdsaSignaturePtr pair(ECDSA_SIG_new());
  BignumPtr r = ToBignum(std::string(raw.substr(0, kCoordinateBytes)));
  BignumPtr s = ToBignum(std::string(raw.substr(kCoordinateBytes)));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return std::nullopt;
  r.release();  // now owned by the pair
  s.release();
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &bytes);
  if (size <= 0) return std::nullopt;
  std::string der(reinterpret_cast<char*>(bytes), size);
  OPENSSL_free(bytes);
  return der;
}

const EVP_MD* DigestOf(Algorithm algorithm) {
  return algorithm == Algorithm::kEdDsa ? nullptr : EVP_sha256();
}

}  // namespace

std::string_view NameOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kEdDsa:
      break;
  }
  return "EdDSA";
}

std::optional<Algorithm> AlgorithmOf(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA")) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits >= kMinRsaBits && bits <= kMaxRsaBits) return Algorithm::kRs256;
  } else if (EVP_PKEY_is_a(key, "EC")) {
    char group[32] = "";
    if (EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1 &&
        std::string_view(group) == "prime256v1") {
      return Algorithm::kEs256;
    }
  } else if (EVP_PKEY_is_a(key, "ED25519")) {
    return Algorithm::kEdDsa;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<Jwk>> ParseJwks(std::string_view document) {
  const Json json = Json::parse(document, nullptr, /*allow_exceptions=*/false);
  const auto keys = json.is_object() ? json.find("keys") : json.end();
  if (!json.is_object() || keys == json.end() || !keys->is_array()) {
    return absl::InvalidArgumentError("not a JSON Web Key Set: there is no array `keys`");
  }
  std::vector<Jwk> usable;
  for (const Json& key : *keys) {
    if (auto jwk = ParseKey(key)) usable.push_back(*std::move(jwk));
  }
  if (usable.empty() && !keys->empty()) {
    return absl::InvalidArgumentError(
        "no usable key in the JSON Web Key Set (RSA of 2048 to 8192 bits, EC on P-256, Ed25519)");
  }
  return usable;
}

std::string WriteJwks(const std::vector<Jwk>& keys) {
  Json list = Json::array();
  for (const Jwk& jwk : keys) {
    Json json = PublicMembers(jwk);
    if (!jwk.kid.empty()) json["kid"] = jwk.kid;
    json["alg"] = std::string(NameOf(jwk.algorithm));
    json["use"] = "sig";
    list.push_back(std::move(json));
  }
  return Json{{"keys", std::move(list)}}.dump(2) + "\n";
}

std::string Thumbprint(const Jwk& jwk) {
  // nlohmann::json orders members by name and writes no white space: the form of RFC 7638.
  return Base64UrlEncode(Sha256(PublicMembers(jwk).dump()));
}

absl::StatusOr<std::string> Sign(const Jwk& jwk, std::string_view data) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::string signature(EVP_PKEY_get_size(jwk.key.get()), '\0');
  size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, DigestOf(jwk.algorithm), nullptr, jwk.key.get()) !=
          1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, data.size()) != 1) {
    return absl::FailedPreconditionError("the key can't sign: has it a private part?");
  }
  signature.resize(size);
  if (jwk.algorithm != Algorithm::kEs256) return signature;
  auto raw = RawFromDer(signature);
  if (!raw) return absl::InternalError("the signature has an unexpected form");
  return *std::move(raw);
}

bool SignatureMatches(const Jwk& jwk, std::string_view data, std::string_view signature) {
  std::string der;
  if (jwk.algorithm == Algorithm::kEs256) {
    auto converted = DerFromRaw(signature);
    if (!converted) return false;
    der = *std::move(converted);
    signature = der;
  }
  const DigestContextPtr context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, DigestOf(jwk.algorithm), nullptr,
                              jwk.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(data.data()),
                          data.size()) == 1;
}

}  // namespace baliprocess::auth
