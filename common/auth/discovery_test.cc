#include "common/auth/discovery.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "common/auth/document_server_testing.h"
#include "common/auth/testing.h"
#include "common/auth/token.h"
#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using api::v1::Error;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::MessageHas;

constexpr char kIssuer[] = "https://login.example.org";

TEST(KeysInTest, AreWhereTheIssuerSays) {
  ASSERT_OK_AND_ASSIGN(const std::string url, KeysIn(R"({"issuer": "https://login.example.org",
      "jwks_uri": "https://keys.example.org/k", "x": 1})",
                                                     kIssuer));
  EXPECT_EQ(url, "https://keys.example.org/k");
}

TEST(KeysInTest, RefusesWhatTellsNothing) {
  EXPECT_THAT(KeysIn("[]", kIssuer), MessageHas("isn't a document"));
  EXPECT_THAT(KeysIn(R"({"jwks_uri": "https://a/k"})", kIssuer), MessageHas("another issuer"));
  EXPECT_THAT(
      KeysIn(R"({"issuer": "https://login.example.org/", "jwks_uri": "https://a/k"})", kIssuer),
      MessageHas("another issuer"));
  EXPECT_THAT(KeysIn(R"({"issuer": "https://login.example.org"})", kIssuer),
              MessageHas("no jwks_uri"));
  for (const char* url : {"http://keys.example.org/k", "file:///etc/passwd", "/k"}) {
    EXPECT_THAT(
        KeysIn(absl::StrCat(R"({"issuer": "https://login.example.org", "jwks_uri": ")", url, "\"}"),
               kIssuer),
        MessageHas("jwks_uri"));
  }
}

class DiscoveryTest : public ::testing::Test {
 protected:
  DiscoveryTest() { Announce("/keys"); }

  void Announce(const std::string& keys) {
    server_.Set("/.well-known/openid-configuration",
                {.body = absl::StrCat(R"({"issuer": ")", server_.url(), R"(", "jwks_uri": ")",
                                      server_.url(), keys, "\"}")});
  }
  std::string TokenBy(const TokenSigner& signer, const std::string& audience = "suite") const {
    return "Bearer " + *signer.Sign(ToJson({.subject = "ann",
                                            .issuer = server_.url(),
                                            .audience = audience,
                                            .roles = {},
                                            .member = "",
                                            .issued = clock_.Now(),
                                            .expires = clock_.Now() + absl::Hours(1)}));
  }
  absl::StatusOr<std::unique_ptr<TokenVerifier>> Open() {
    return TokenVerifier::Create(
        {{.jwks = "", .rules = {.issuer = server_.url(), .audience = "suite"}}}, {}, clock_);
  }

  DocumentServer server_;
  FakeClock clock_{absl::FromUnixSeconds(1714608000)};
  const TokenSigner first_ = NewSigner();
  const TokenSigner second_ = NewSigner();
};

TEST_F(DiscoveryTest, KeysAreFound) {
  server_.Set("/keys", {.body = first_.PublicJwks()});
  ASSERT_OK_AND_ASSIGN(const auto verifier, Open());
  EXPECT_OK(verifier->Verify(TokenBy(first_)));
  EXPECT_THAT(verifier->Verify(TokenBy(second_)), HasReason(Error::TOKEN_INVALID));
  EXPECT_THAT(verifier->Verify(TokenBy(first_, "other")), HasReason(Error::TOKEN_INVALID));
}

TEST_F(DiscoveryTest, KeysThatMoveAreFoundAgain) {
  server_.Set("/keys", {.body = first_.PublicJwks()});
  ASSERT_OK_AND_ASSIGN(const auto verifier, Open());
  server_.Set("/keys", {.status = 404, .body = ""});
  server_.Set("/new", {.body = second_.PublicJwks()});
  Announce("/new");
  EXPECT_TRUE(Eventually([&] {
    clock_.Advance(absl::Minutes(5));
    return verifier->Verify(TokenBy(second_)).ok();
  }));
}

TEST_F(DiscoveryTest, StartsNotWithoutThem) {
  EXPECT_THAT(Open(), MessageHas("404"));
  EXPECT_THAT(TokenVerifier::Create({{.jwks = "", .rules = {.issuer = "b", .audience = "a"}}}, {}),
              MessageHas("isn't a URL"));
}

}  // namespace
}  // namespace baliprocess::auth
