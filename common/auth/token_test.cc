#include "common/auth/token.h"

#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <random>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "common/auth/base64url.h"
#include "common/auth/openssl_ptr.h"
#include "common/auth/testing.h"
#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using Json = nlohmann::json;
using api::v1::Error;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::testing::AllOf;
using ::testing::Not;

constexpr int64_t kNow = 1714608000;  // 2 May 2024

std::string Join(const Json& header, const std::string& claims) {
  return absl::StrCat(Base64UrlEncode(header.dump()), ".", Base64UrlEncode(claims));
}

// One key of each algorithm in a file, and tokens signed with them.
class TokenTest : public ::testing::Test {
 protected:
  void SetUp() override { Make({}); }

  void Make(TokenRules rules) {
    rules.issuer = "https://issuer.example";
    rules.audience = "suite";
    ASSERT_OK_AND_ASSIGN(verifier_,
                         TokenVerifier::Create(file_.path(), rules, absl::Minutes(5), clock_));
  }

  Json Claims() const {
    return {{"iss", "https://issuer.example"},
            {"aud", "suite"},
            {"sub", "ann"},
            {"exp", kNow + 600},
            {"roles", {"member"}},
            {"member", "aus"}};
  }

  // Claims() with one replaced, or left out when it is null.
  Json With(const char* name, const Json& value) const {
    Json claims = Claims();
    claims[name] = value;
    if (value.is_null()) claims.erase(name);
    return claims;
  }

  std::string Token(const Json& claims) const { return *ed_.Sign(claims.dump()); }

  // A token with a header of the test's choice, properly signed.
  static std::string Forge(const TokenSigner& signer, const Json& header,
                           const std::string& claims) {
    const std::string input = Join(header, claims);
    return absl::StrCat(input, ".", Base64UrlEncode(*Sign(signer.key(), input)));
  }

  absl::StatusOr<Caller> Verify(const std::string& token) {
    return verifier_->Verify("Bearer " + token);
  }
  absl::StatusOr<Caller> VerifyClaims(const Json& claims) { return Verify(Token(claims)); }

  FakeClock clock_{absl::FromUnixSeconds(kNow)};
  // Made once: a new RSA key takes a tenth of a second.
  static inline const TokenSigner rsa_ = NewSigner(Algorithm::kRs256);
  static inline const TokenSigner ec_ = NewSigner(Algorithm::kEs256);
  static inline const TokenSigner ed_ = NewSigner(Algorithm::kEdDsa);
  const TemporaryFile file_{WriteJwks({rsa_.key(), ec_.key(), ed_.key()})};
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(TokenTest, WithoutTokenTheCallerIsAnonymous) {
  ASSERT_OK_AND_ASSIGN(const Caller caller, verifier_->Verify(""));
  EXPECT_TRUE(caller.anonymous());
  EXPECT_EQ(caller.roles, 1u << api::v1::Access::PUBLIC);
  EXPECT_EQ(caller.expires, absl::InfiniteFuture());
}

TEST_F(TokenTest, AcceptsEveryAlgorithm) {
  for (const TokenSigner* signer : {&rsa_, &ec_, &ed_}) {
    ASSERT_OK_AND_ASSIGN(const Caller caller, Verify(*signer->Sign(Claims().dump())));
    EXPECT_EQ(caller.subject, "ann");
    EXPECT_EQ(caller.member, "members/aus");
    EXPECT_EQ(caller.roles, 1u << api::v1::Access::PUBLIC | 1u << api::v1::Access::MEMBER);
    EXPECT_EQ(caller.expires, absl::FromUnixSeconds(kNow + 630));
  }
}

TEST_F(TokenTest, SchemeIsCaseInsensitiveAndTheRestIsNot) {
  const std::string token = Token(Claims());
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER ", "Bearer   "}) {
    EXPECT_OK(verifier_->Verify(scheme + token)) << scheme;
  }
  for (const char* header : {"Bearer", "Bearer ", "Bearer   ", " ", "Basic YTpi"}) {
    EXPECT_THAT(verifier_->Verify(header),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("Bearer")))
        << header;
  }
  for (const std::string& header : {token, "Bearer" + token, " Bearer " + token,
                                    "Bearer " + token + " ", "Bearer " + token + "\n"}) {
    EXPECT_THAT(verifier_->Verify(header), HasReason(Error::TOKEN_INVALID)) << header;
  }
}

TEST_F(TokenTest, RefusesUnsigned) {
  const std::string none = Join({{"alg", "none"}}, Claims().dump());
  EXPECT_THAT(Verify(none + "."),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("isn't signed")));
  EXPECT_THAT(Verify(none), AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("three parts")));
  for (const char* name : {"none", "None", "NONE", ""}) {
    for (const TokenSigner* signer : {&rsa_, &ec_, &ed_}) {
      const std::string token =
          Forge(*signer, {{"alg", name}, {"kid", signer->key().kid}}, Claims().dump());
      EXPECT_THAT(Verify(token), AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("algorithm")));
    }
  }
}

TEST_F(TokenTest, RefusesHmacWithThePublicKeyAsSecret) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PUBKEY(bio.get(), rsa_.key().key.get()), 1);
  char* pem = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &pem);
  const std::string input = Join({{"alg", "HS256"}, {"kid", rsa_.key().kid}}, Claims().dump());
  std::string mac(32, '\0');
  HMAC(EVP_sha256(), pem, static_cast<int>(size),
       reinterpret_cast<const unsigned char*>(input.data()), input.size(),
       reinterpret_cast<unsigned char*>(mac.data()), nullptr);
  EXPECT_THAT(Verify(absl::StrCat(input, ".", Base64UrlEncode(mac))),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("algorithm")));
}

TEST_F(TokenTest, RefusesAnotherKeysAlgorithm) {
  const std::string token = Forge(ec_, {{"alg", "EdDSA"}, {"kid", ec_.key().kid}}, Claims().dump());
  EXPECT_THAT(Verify(token), AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("algorithm")));
}

TEST_F(TokenTest, RefusesUnknownKeys) {
  const TokenSigner stranger = NewSigner();
  EXPECT_THAT(Verify(*stranger.Sign(Claims().dump())),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("key that isn't known")));
}

TEST_F(TokenTest, RefusesAStrangersSignatureUnderAKnownName) {
  const TokenSigner stranger = NewSigner();
  EXPECT_THAT(Verify(Forge(stranger, {{"alg", "EdDSA"}, {"kid", ed_.key().kid}}, Claims().dump())),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("signature")));
}

TEST_F(TokenTest, RefusesAKeyThatTheTokenBrings) {
  const TokenSigner stranger = NewSigner();
  const Json jwk = Json::parse(stranger.PublicJwks())["keys"][0];
  EXPECT_THAT(Verify(Forge(stranger, {{"alg", "EdDSA"}, {"jwk", jwk}}, Claims().dump())),
              HasReason(Error::TOKEN_INVALID));
}

TEST_F(TokenTest, WithoutKidTriesTheKeysOfTheAlgorithm) {
  const TokenSigner second = NewSigner();
  file_.Write(WriteJwks({rsa_.key(), ed_.key(), second.key()}));
  Make({});
  for (const TokenSigner* signer : {&rsa_, &ed_, &second}) {
    const std::string name(NameOf(signer->key().algorithm));
    EXPECT_OK(Verify(Forge(*signer, {{"alg", name}}, Claims().dump())));
  }
  EXPECT_THAT(Verify(Forge(NewSigner(), {{"alg", "EdDSA"}}, Claims().dump())),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("signature")));
  EXPECT_THAT(Verify(Forge(ec_, {{"alg", "ES256"}}, Claims().dump())),
              HasReason(Error::TOKEN_INVALID));
}

TEST_F(TokenTest, RefusesCriticalExtensions) {
  const Json header = {{"alg", "EdDSA"}, {"kid", ed_.key().kid}, {"crit", {"b64"}}, {"b64", true}};
  EXPECT_THAT(Verify(Forge(ed_, header, Claims().dump())),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("crit")));
}

TEST_F(TokenTest, RefusesMalformedHeaders) {
  for (const Json& header : {Json(), Json("EdDSA"), Json::array(), Json::object(), Json{{"alg", 1}},
                             Json{{"alg", "EdDSA"}, {"kid", 5}}}) {
    EXPECT_THAT(Verify(Forge(ed_, header, Claims().dump())), HasReason(Error::TOKEN_INVALID))
        << header;
  }
}

TEST_F(TokenTest, RefusesMalformedTokens) {
  const std::string token = Token(Claims());
  for (const std::string& text :
       {std::string("x"), std::string(".."), std::string("..."), "." + token, token + ".x",
        token + "=", token + "A", "!" + token.substr(1), token.substr(0, token.size() - 4),
        std::string("e30.e30.e30"), std::string("\0.\0.\0", 5)}) {
    EXPECT_THAT(Verify(text), HasReason(Error::TOKEN_INVALID)) << text;
  }
}

TEST_F(TokenTest, RefusesClaimsThatAreNotAnObject) {
  const Json header = {{"alg", "EdDSA"}, {"kid", ed_.key().kid}};
  for (const char* claims : {"", "{", "[]", "null", "\"a\"", "{\"sub\": \"\xff\"}", "{}{}"}) {
    EXPECT_THAT(Verify(Forge(ed_, header, claims)),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("claims")))
        << claims;
  }
  EXPECT_THAT(Verify(Forge(ed_, header, std::string(5000, '['))), HasReason(Error::TOKEN_INVALID));
}

TEST_F(TokenTest, RefusesOversizedTokens) {
  EXPECT_THAT(VerifyClaims(With("note", std::string(8192, 'x'))),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("8 KiB")));
  EXPECT_OK(VerifyClaims(With("note", std::string(5000, 'x'))));
}

TEST_F(TokenTest, IssuerMustBeEqual) {
  for (const Json& issuer :
       {Json(), Json("https://issuer.example/"), Json("HTTPS://ISSUER.EXAMPLE"), Json(1),
        Json::array({"https://issuer.example"})}) {
    EXPECT_THAT(VerifyClaims(With("iss", issuer)),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("issuer"),
                      Not(MessageHas("https://issuer.example"))))
        << issuer;
  }
}

TEST_F(TokenTest, AudienceMustBeAmongThose) {
  EXPECT_OK(VerifyClaims(With("aud", {"other", "suite"})));
  for (const Json& audience : {Json(), Json("suit"), Json("suite "), Json::array(),
                               Json::array({"other"}), Json{{"suite", 1}}, Json(true)}) {
    EXPECT_THAT(VerifyClaims(With("aud", audience)),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("audience")))
        << audience;
  }
}

TEST_F(TokenTest, ExpiryIsJudgedWithSkew) {
  EXPECT_OK(VerifyClaims(With("exp", kNow - 29)));
  EXPECT_OK(VerifyClaims(With("exp", kNow - 29.5)));
  EXPECT_THAT(VerifyClaims(With("exp", kNow - 30)), HasReason(Error::TOKEN_EXPIRED));
  EXPECT_THAT(VerifyClaims(With("exp", -1e300)), HasReason(Error::TOKEN_EXPIRED));
  EXPECT_THAT(VerifyClaims(With("exp", nullptr)),
              AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("exp")));
  EXPECT_THAT(VerifyClaims(With("exp", std::to_string(kNow + 60))),
              HasReason(Error::TOKEN_INVALID));
}

TEST_F(TokenTest, ARememberedTokenExpiresToo) {
  const std::string token = Token(Claims());
  EXPECT_OK(Verify(token));
  clock_.Advance(absl::Seconds(629));
  EXPECT_OK(Verify(token));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Verify(token), HasReason(Error::TOKEN_EXPIRED));
}

TEST_F(TokenTest, NotBeforeAndIssuedAreJudgedWithSkew) {
  for (const char* name : {"nbf", "iat"}) {
    EXPECT_OK(VerifyClaims(With(name, kNow + 30))) << name;
    EXPECT_THAT(VerifyClaims(With(name, kNow + 31)),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas(name)));
    EXPECT_THAT(VerifyClaims(With(name, "soon")), HasReason(Error::TOKEN_INVALID)) << name;
  }
}

TEST_F(TokenTest, SubjectIsRequiredText) {
  for (const Json& subject : {Json(), Json(""), Json(7), Json(std::string(256, 'x')), Json("a\nb"),
                              Json(std::string("a\0b", 3))}) {
    EXPECT_THAT(VerifyClaims(With("sub", subject)),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("sub")))
        << subject;
  }
}

TEST_F(TokenTest, RolesComeAsListOrText) {
  const auto roles = [&](const Json& claim) {
    const auto caller = VerifyClaims(With("roles", claim));
    return caller.ok() ? caller->roles & ~(1u << api::v1::Access::PUBLIC) : ~0u;
  };
  EXPECT_EQ(roles({"Secretariat", "MEMBER"}),
            1u << api::v1::Access::SECRETARIAT | 1u << api::v1::Access::MEMBER);
  EXPECT_EQ(roles("observer  operator"),
            1u << api::v1::Access::OBSERVER | 1u << api::v1::Access::OPERATOR);
  EXPECT_EQ(roles({"administrator", "role_unspecified", "", "4"}), 0u);
  EXPECT_EQ(roles(nullptr), 0u);
  for (const Json& claim : {Json(4), Json::array({4}), Json{{"secretariat", true}}}) {
    EXPECT_THAT(VerifyClaims(With("roles", claim)),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("roles")))
        << claim;
  }
}

TEST_F(TokenTest, ClaimNamesDescend) {
  Make({.issuer = "", .audience = "", .roles_claim = "realm.roles", .member_claim = "org.state"});
  Json claims = With("realm", {{"roles", {"secretariat"}}});
  claims["org"] = {{"state", "members/nzl"}};
  ASSERT_OK_AND_ASSIGN(const Caller caller, VerifyClaims(claims));
  EXPECT_TRUE(caller.Has(api::v1::Access::SECRETARIAT));
  EXPECT_FALSE(caller.Has(api::v1::Access::MEMBER));
  EXPECT_EQ(caller.member, "members/nzl");
  ASSERT_OK_AND_ASSIGN(const Caller without, VerifyClaims(With("realm", "secretariat")));
  EXPECT_EQ(without.roles, 1u << api::v1::Access::PUBLIC);
  EXPECT_EQ(without.member, "");
}

TEST_F(TokenTest, MemberMustBeAnId) {
  EXPECT_EQ(VerifyClaims(With("member", "members/aus"))->member, "members/aus");
  EXPECT_EQ(VerifyClaims(With("member", nullptr))->member, "");
  for (const Json& member :
       {Json(""), Json("members/"), Json("AUS"), Json("-"), Json("a-"), Json("aus/x"),
        Json("members/members/aus"), Json("bodies/sg"), Json("1a"), Json(std::string(64, 'a')),
        Json("aus "), Json(1), Json::array({"aus"})}) {
    EXPECT_THAT(VerifyClaims(With("member", member)),
                AllOf(HasReason(Error::TOKEN_INVALID), MessageHas("member")))
        << member;
  }
}

TEST_F(TokenTest, NoMutationIsAccepted) {
  std::mt19937 random(20240502);
  const auto below = [&](size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random);
  };
  const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";
  for (const TokenSigner* signer : {&rsa_, &ec_, &ed_}) {
    const std::string token = *signer->Sign(Claims().dump());
    ASSERT_THAT(Verify(token), IsOk());
    for (int i = 0; i < 1000; ++i) {
      std::string mutant = token;
      for (size_t edits = 1 + below(3); edits > 0; --edits) {
        const size_t at = below(mutant.size());
        const char letter = alphabet[below(alphabet.size())];
        switch (below(4)) {
          case 0:
            mutant[at] = letter;
            break;
          case 1:
            mutant.insert(at, 1, letter);
            break;
          case 2:
            mutant.erase(at, 1 + below(3));
            break;
          default:
            std::swap(mutant[at], mutant[below(mutant.size())]);
        }
        if (mutant.empty()) mutant = "x";
      }
      // A leading space belongs to the header's white space, not to the token.
      const bool same = absl::StripLeadingAsciiWhitespace(mutant) == token;
      if (same) continue;
      ASSERT_THAT(Verify(mutant), HasReason(Error::TOKEN_INVALID)) << mutant;
    }
  }
}

TEST_F(TokenTest, ServesManyThreadsThroughRotation) {
  const TokenSigner other = NewSigner();
  const std::string token = Token(Claims());
  const std::string others = *other.Sign(Claims().dump());
  const auto work = [&] {
    for (int i = 0; i < 300; ++i) {
      clock_.Advance(absl::Milliseconds(20));
      EXPECT_OK(Verify(token));
      const auto result = Verify(others);
      EXPECT_TRUE(result.ok() || ReasonOf(result.status()) == Error::TOKEN_INVALID);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  file_.Write(WriteJwks({ed_.key(), other.key()}));
  for (auto& thread : threads) thread.join();
  clock_.Advance(absl::Seconds(1));
  EXPECT_OK(Verify(others));
}

TEST_F(TokenTest, NeedsIssuerAndAudience) {
  EXPECT_THAT(TokenVerifier::Create(file_.path(), {.issuer = "a", .audience = ""}), Not(IsOk()));
  EXPECT_THAT(TokenVerifier::Create(file_.path(), {.issuer = "", .audience = "a"}), Not(IsOk()));
}

}  // namespace
}  // namespace baliprocess::auth
