#include "common/auth/jwk.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <nlohmann/json.hpp>

#include "common/auth/base64url.h"
#include "common/auth/openssl_ptr.h"
#include "common/auth/signer.h"
#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using Json = nlohmann::json;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Base64Url, AcceptsOneFormOnly) {
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
  EXPECT_EQ(Base64UrlDecode("-_8"), "\xfb\xff");
  EXPECT_EQ(Base64UrlDecode(""), "");
  for (const char* text :
       {"-_9" /* bits after the last byte */, "-_8=", "+/8", "-_ 8", "-_8\n", "A", "-_8é"}) {
    EXPECT_EQ(Base64UrlDecode(text), std::nullopt) << text;
  }
}

class EveryAlgorithm : public ::testing::TestWithParam<Algorithm> {
 protected:
  void SetUp() override { ASSERT_OK_AND_ASSIGN(signer_, TokenSigner::Generate(GetParam())); }
  Json Document() const { return Json::parse(signer_->PublicJwks()); }

  std::optional<TokenSigner> signer_;
};

INSTANTIATE_TEST_SUITE_P(Jwk, EveryAlgorithm,
                         ::testing::Values(Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa),
                         [](const auto& tested) { return std::string(NameOf(tested.param)); });

TEST_P(EveryAlgorithm, SurvivesWritingAndReading) {
  ASSERT_OK_AND_ASSIGN(const auto keys, ParseJwks(signer_->PublicJwks()));
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(keys[0].algorithm, GetParam());
  EXPECT_EQ(keys[0].kid, signer_->key().kid);
  EXPECT_EQ(Thumbprint(keys[0]), signer_->key().kid);
  EXPECT_EQ(EVP_PKEY_eq(keys[0].key.get(), signer_->key().key.get()), 1);
}

TEST_P(EveryAlgorithm, WritesNoPrivatePart) {
  const Json document = Document();
  for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "k"}) {
    EXPECT_FALSE(document["keys"][0].contains(secret)) << secret;
  }
}

TEST_P(EveryAlgorithm, SignsWhatItsPublicKeyVerifies) {
  ASSERT_OK_AND_ASSIGN(const auto keys, ParseJwks(signer_->PublicJwks()));
  ASSERT_OK_AND_ASSIGN(const std::string signature, Sign(signer_->key(), "data"));
  EXPECT_TRUE(SignatureMatches(keys[0], "data", signature));
  EXPECT_FALSE(SignatureMatches(keys[0], "dat", signature));
  EXPECT_FALSE(SignatureMatches(keys[0], "data", signature + "x"));
  EXPECT_FALSE(SignatureMatches(keys[0], "data", signature.substr(1)));
  EXPECT_FALSE(SignatureMatches(keys[0], "data", ""));
}

TEST_P(EveryAlgorithm, DoesNotSignWithThePublicPart) {
  ASSERT_OK_AND_ASSIGN(const auto keys, ParseJwks(signer_->PublicJwks()));
  EXPECT_THAT(Sign(keys[0], "data"), Not(IsOk()));
}

TEST_P(EveryAlgorithm, LeavesOutWhatMayNotVerify) {
  for (const char* member :
       {R"("use": "enc")", R"("use": 1)", R"("alg": "RS512")", R"("alg": "none")",
        R"("key_ops": ["sign"])", R"("key_ops": "verify")", R"("kid": 7)"}) {
    Json document = Document();
    document["keys"][0].update(Json::parse(absl::StrCat("{", member, "}")));
    EXPECT_THAT(ParseJwks(document.dump()), MessageHas("no usable key")) << member;
  }
  Json document = Document();
  document["keys"][0]["key_ops"] = {"sign", "verify"};
  EXPECT_OK(ParseJwks(document.dump()));
}

TEST_P(EveryAlgorithm, LeavesOutMalformedKeys) {
  const Json original = Document();
  for (const char* name : {"n", "e", "x", "y", "crv", "kty"}) {
    if (!original["keys"][0].contains(name)) continue;
    for (const Json& value : {Json(), Json(5), Json(""), Json("!"), Json("AAAA")}) {
      Json document = original;
      document["keys"][0][name] = value;
      EXPECT_THAT(ParseJwks(document.dump()), Not(IsOk())) << name << " " << value;
    }
    Json document = original;
    document["keys"][0].erase(name);
    EXPECT_THAT(ParseJwks(document.dump()), Not(IsOk())) << name;
  }
}

TEST_P(EveryAlgorithm, SkipsUnknownKeysBesideGoodOnes) {
  Json document = Document();
  document["keys"].push_back({{"kty", "oct"}, {"k", "c2VjcmV0"}});
  document["keys"].push_back({{"kty", "quantum"}});
  document["keys"].push_back("not a key");
  ASSERT_OK_AND_ASSIGN(const auto keys, ParseJwks(document.dump()));
  EXPECT_THAT(keys, SizeIs(1));
}

TEST_P(EveryAlgorithm, PrivateKeySurvivesPem) {
  ASSERT_OK_AND_ASSIGN(const std::string pem, signer_->PrivatePem());
  ASSERT_OK_AND_ASSIGN(const TokenSigner again, TokenSigner::FromPem(pem));
  EXPECT_EQ(again.key().kid, signer_->key().kid);
}

TEST(Jwk, ThumbprintIsThatOfRfc7638) {
  // The example of RFC 7638 section 3.1.
  ASSERT_OK_AND_ASSIGN(const auto keys, ParseJwks(R"({"keys": [{"kty": "RSA", "n":
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
      "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}]})"));
  EXPECT_EQ(Thumbprint(keys[0]), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jwk, VerifiesTheExampleOfRfc8037) {
  ASSERT_OK_AND_ASSIGN(const auto keys, ParseJwks(R"({"keys": [{"kty": "OKP", "crv": "Ed25519",
      "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})"));
  const auto signature = Base64UrlDecode(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  ASSERT_TRUE(signature);
  EXPECT_TRUE(SignatureMatches(keys[0], "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                               *signature));
}

TEST(Jwk, RefusesWeakRsaAndOtherCurves) {
  const std::shared_ptr<EVP_PKEY> small(EVP_RSA_gen(1024), EVP_PKEY_free);
  EXPECT_EQ(AlgorithmOf(small.get()), std::nullopt);
  EXPECT_THAT(ParseJwks(WriteJwks({{"a", Algorithm::kRs256, small}})), Not(IsOk()));
  const std::shared_ptr<EVP_PKEY> other(EVP_EC_gen("P-384"), EVP_PKEY_free);
  EXPECT_EQ(AlgorithmOf(other.get()), std::nullopt);
}

TEST(Jwk, RefusesDocumentsThatAreNotKeySets) {
  for (const char* document : {"", "{", "[]", "{}", R"({"keys": {}})", "\xff"}) {
    EXPECT_THAT(ParseJwks(document), MessageHas("not a JSON Web Key Set")) << document;
  }
  ASSERT_OK_AND_ASSIGN(const auto none, ParseJwks(R"({"keys": []})"));
  EXPECT_EQ(none.size(), 0u);
}

TEST(TokenSigner, RefusesWhatIsNotAPrivateKey) {
  for (const char* pem : {"", "nonsense",
                          "-----BEGIN PRIVATE KEY-----\nAAAA\n"
                          "-----END PRIVATE KEY-----\n"}) {
    EXPECT_THAT(TokenSigner::FromPem(pem), MessageHas("not an unencrypted private key"));
  }
}

TEST(TokenSigner, RefusesEncryptedKeysWithoutAsking) {
  ASSERT_OK_AND_ASSIGN(const TokenSigner signer, TokenSigner::Generate());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  char passphrase[] = "secret";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), signer.key().key.get(), EVP_aes_128_cbc(),
                                          passphrase, 6, nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  EXPECT_THAT(TokenSigner::FromPem({data, static_cast<size_t>(size)}),
              MessageHas("not an unencrypted private key"));
}

TEST(TokenSigner, WritesClaimsThatAreGiven) {
  const Json json = Json::parse(ToJson({.subject = "ann",
                                        .issuer = "",
                                        .audience = "suite",
                                        .roles = {"member"},
                                        .member = "aus",
                                        .issued = absl::FromUnixSeconds(10),
                                        .expires = absl::FromUnixSeconds(20)}));
  EXPECT_EQ(json, Json::parse(R"({"sub": "ann", "aud": "suite", "roles": ["member"],
                                  "member": "aus", "iat": 10, "exp": 20})"));
}

}  // namespace
}  // namespace baliprocess::auth
