#include "common/auth/issuers.h"

#include <gmock/gmock.h>

#include "common/auth/testing.h"
#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using api::v1::Error;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::MessageHas;

const TokenRules kDefaults = {.issuer = "none", .audience = "suite"};

TEST(ParseIssuersTest, ReadsEntries) {
  ASSERT_OK_AND_ASSIGN(const auto issuers, ParseIssuers(R"([
      {"issuer": "https://login.example.org"},
      {"issuer": "desk", "audience": "a", "jwks": "/k", "roles_claim": "r", "member_claim": "m"}
    ])",
                                                        kDefaults));
  ASSERT_EQ(issuers.size(), 2u);
  EXPECT_EQ(issuers[0].rules.issuer, "https://login.example.org");
  EXPECT_EQ(issuers[0].rules.audience, "suite");
  EXPECT_EQ(issuers[0].jwks, "");
  EXPECT_EQ(issuers[1].rules.audience, "a");
  EXPECT_EQ(issuers[1].jwks, "/k");
  EXPECT_EQ(issuers[1].rules.roles_claim, "r");
  EXPECT_EQ(issuers[1].rules.member_claim, "m");
}

TEST(ParseIssuersTest, RefusesWhatItCannotRead) {
  EXPECT_THAT(ParseIssuers("{}", kDefaults), MessageHas("list"));
  EXPECT_THAT(ParseIssuers("[", kDefaults), MessageHas("list"));
  EXPECT_THAT(ParseIssuers("[5]", kDefaults), MessageHas("entry 0"));
  EXPECT_THAT(ParseIssuers(R"([{"issuer": "a"}, {"jwks": "/k"}])", kDefaults),
              MessageHas("entry 1 has no issuer"));
  EXPECT_THAT(ParseIssuers(R"([{"issuer": "a", "jwks_uri": "/k"}])", kDefaults),
              MessageHas("jwks_uri"));
  EXPECT_THAT(ParseIssuers(R"([{"issuer": "a", "audience": ["b"]}])", kDefaults),
              MessageHas("audience"));
}

class IssuersTest : public ::testing::Test {
 protected:
  IssuersTest() {
    auto verifier = TokenVerifier::Create(
        {{.jwks = one_file_.path(), .rules = {.issuer = "one", .audience = "a"}},
         {.jwks = two_file_.path(), .rules = {.issuer = "two", .audience = "b"}}},
        {.on_reload = [this](std::string_view, bool succeeded) { reloads_.push_back(succeeded); }},
        clock_);
    EXPECT_OK(verifier);
    verifier_ = *std::move(verifier);
  }

  absl::StatusOr<Caller> Verify(const TokenSigner& signer, const std::string& issuer,
                                const std::string& audience) {
    return verifier_->Verify("Bearer " +
                             *signer.Sign(ToJson({.subject = "ann",
                                                  .issuer = issuer,
                                                  .audience = audience,
                                                  .roles = {},
                                                  .member = "",
                                                  .issued = clock_.Now(),
                                                  .expires = clock_.Now() + absl::Hours(1)})));
  }

  FakeClock clock_{absl::FromUnixSeconds(1714608000)};
  const TokenSigner one_ = NewSigner();
  const TokenSigner two_ = NewSigner();
  const TemporaryFile one_file_{one_.PublicJwks()};
  const TemporaryFile two_file_{two_.PublicJwks()};
  std::vector<bool> reloads_;
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(IssuersTest, EachHasItsOwnKeysAndAudience) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_OK(Verify(one_, "one", "a"));
    EXPECT_OK(Verify(two_, "two", "b"));
  }
  for (const auto& [signer, issuer, audience] :
       {std::tuple(&one_, "two", "b"), std::tuple(&two_, "one", "a"), std::tuple(&one_, "one", "b"),
        std::tuple(&one_, "three", "a")}) {
    EXPECT_THAT(Verify(*signer, issuer, audience), HasReason(Error::TOKEN_INVALID)) << issuer;
  }
}

// Also of tokens that were remembered.
TEST_F(IssuersTest, KeysOfAnyAreFollowed) {
  EXPECT_OK(Verify(one_, "one", "a"));
  EXPECT_OK(Verify(two_, "two", "b"));
  two_file_.Write(one_.PublicJwks());
  clock_.Advance(absl::Seconds(1));
  EXPECT_OK(Verify(one_, "one", "a"));
  EXPECT_THAT(Verify(two_, "two", "b"), HasReason(Error::TOKEN_INVALID));
}

TEST_F(IssuersTest, ReloadReadsAtOnceAndReloadsAreTold) {
  one_file_.Write(two_.PublicJwks());
  verifier_->Reload();
  EXPECT_OK(Verify(two_, "one", "a"));
  EXPECT_THAT(reloads_, ::testing::ElementsAre(true));
  one_file_.Write("{");
  verifier_->Reload();
  verifier_->Reload();
  EXPECT_OK(Verify(two_, "one", "a"));
  EXPECT_THAT(reloads_, ::testing::ElementsAre(true, false));
}

TEST(TwoIssuersTest, OfOneNameAreAnError) {
  const TemporaryFile file(NewSigner().PublicJwks());
  const Issuer issuer = {.jwks = file.path(), .rules = {.issuer = "one", .audience = "a"}};
  EXPECT_THAT(TokenVerifier::Create({issuer, issuer}, {}), MessageHas("one name"));
}

}  // namespace
}  // namespace baliprocess::auth
