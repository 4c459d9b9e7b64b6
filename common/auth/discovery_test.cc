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

// Where one signs in, by what the document says of it.
class EndpointsTest : public ::testing::Test {
 protected:
  // `more` are members of the document beside the issuer and the token endpoint.
  absl::StatusOr<Endpoints> Discover(const std::string& more) {
    return Find(
        {.body = absl::StrCat(R"({"issuer": ")", server_.url(),
                              R"(", "token_endpoint": "https://a.example.org/t")", more, "}")});
  }
  absl::StatusOr<Endpoints> Find(const DocumentServer::Document& document) {
    server_.Set("/.well-known/openid-configuration", document);
    return DiscoverEndpoints(server_.url());
  }
  DocumentServer server_;
};

TEST_F(EndpointsTest, AreWhereTheIssuerSays) {
  ASSERT_OK_AND_ASSIGN(const Endpoints all, Discover(R"(,
      "authorization_endpoint": "https://a.example.org/a?b=c",
      "device_authorization_endpoint": "https://a.example.org/d",
      "revocation_endpoint": "https://a.example.org/r")"));
  EXPECT_EQ(all.token, "https://a.example.org/t");
  EXPECT_EQ(all.authorization, "https://a.example.org/a?b=c");
  EXPECT_EQ(all.device_authorization, "https://a.example.org/d");
  EXPECT_EQ(all.revocation, "https://a.example.org/r");
  ASSERT_OK_AND_ASSIGN(const Endpoints few, Discover(""));
  EXPECT_EQ(few.authorization + few.device_authorization + few.revocation, "");
}

TEST_F(EndpointsTest, AreNowhereThatCodesAndTokensMayNotGo) {
  for (const char* url : {"http://a.example.org/d", "file:///etc/passwd", "/d", "ftp://127.0.0.1/",
                          "javascript:alert(1)"}) {
    for (const char* name :
         {"authorization_endpoint", "device_authorization_endpoint", "revocation_endpoint"}) {
      EXPECT_THAT(Discover(absl::StrCat(", \"", name, "\": \"", url, "\"")), MessageHas(name))
          << url;
    }
  }
}

TEST_F(EndpointsTest, DocumentsThatAreNoneAreRefused) {
  for (const char* body :
       {"", "[]", "null", "{", "<html>", R"({"token_endpoint": "https://a/t"})"}) {
    EXPECT_FALSE(Find({.body = body}).ok()) << body;
  }
  const std::string own = absl::StrCat(R"({"issuer": ")", server_.url(), "\"");
  EXPECT_THAT(Find({.body = absl::StrCat(own, "}")}), MessageHas("no token_endpoint"));
  EXPECT_THAT(Find({.body = absl::StrCat(own, R"(, "token_endpoint": 7})")}),
              MessageHas("no token_endpoint"));
  EXPECT_THAT(Find({.body = R"({"issuer": "https://b", "token_endpoint": "https://a/t"})"}),
              MessageHas("another issuer"));
  EXPECT_THAT(Find({.body = std::string(100'000, '[')}), MessageHas("isn't a document"));
}

TEST_F(EndpointsTest, AnswersThatAreNoDocumentAreTold) {
  for (const int status : {204, 301, 302, 307, 308, 404, 500}) {
    EXPECT_THAT(Find({.status = status}), MessageHas(absl::StrCat("HTTP ", status)));
  }
  EXPECT_EQ(server_.requests(), 7);  // a redirect isn't followed
  EXPECT_EQ(Find({.body = std::string((1 << 20) + 1, ' ')}).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace baliprocess::auth
