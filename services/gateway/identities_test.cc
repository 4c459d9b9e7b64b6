// Callers that are known by their certificates.

#include "services/gateway/calls/identities.h"

#include <gmock/gmock.h>

#include "common/auth/signer.h"
#include "services/gateway/testing/tls_fixture.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;

constexpr char kDesk[] = R"([
  {"uri": "spiffe://test/client", "subject": "desk", "roles": ["secretariat"], "member": "aus"}])";

class IdentitiesTest : public TlsTest {
 protected:
  IdentitiesTest() {
    options_.tls = Files("server", "ca");
    options_.client_certificates = ClientCertificates::kOptional;
    options_.follow_files = absl::Milliseconds(10);
    options_.identities.callers = directory_ + "/callers.json";
    options_.identities.signing_key = directory_ + "/signing-key.pem";
    Replace("signing-key.pem", *signer_.PrivatePem());
    Replace("jwks.json", signer_.PublicJwks());
    Replace("callers.json", kDesk);
  }

  // With a verifier that knows tokens of this issuer, by the signing key.
  absl::Status StartKnowing(const std::string& issuer = "baliprocess-gateway") {
    auto verifier =
        auth::TokenVerifier::Create({{.jwks = directory_ + "/jwks.json",
                                      .rules = {.issuer = issuer, .audience = "baliprocess"}}},
                                    {}, clock_);
    EXPECT_OK(verifier);
    tokens_ = *std::move(verifier);
    backend_ = std::make_unique<TestBackend>();
    options_.services = {{"membership", {absl::StrCat("127.0.0.1:", backend_->port())}}};
    policy_ = *auth::AccessPolicy::ForServices(auth::AccessPolicy::AllServices());
    auto gateway = Gateway::Start(options_, *policy_, *tokens_);
    if (gateway.ok()) gateway_ = *std::move(gateway);
    return gateway.status();
  }

  // Who the service takes the last caller for, by the token that it got.
  auth::Caller CallerAtService() {
    const auto headers = backend_->seen().headers;
    EXPECT_EQ(headers.count("authorization"), 1u);
    const auto found = headers.find("authorization");
    const auto caller = tokens_->Verify(found == headers.end() ? "" : found->second);
    EXPECT_OK(caller);
    return caller.value_or(auth::Caller());
  }

  const auth::TokenSigner signer_ = *auth::TokenSigner::Generate();
  std::unique_ptr<auth::TokenVerifier> tokens_;
};

TEST_F(IdentitiesTest, ACertificateStandsForItsCaller) {
  ASSERT_THAT(StartKnowing(), IsOk());
  EXPECT_THAT(CallAs("client", kCreateMember), IsOk());
  const auth::Caller caller = CallerAtService();
  EXPECT_EQ(caller.subject, "desk");
  EXPECT_EQ(caller.member, "members/aus");
  EXPECT_TRUE(caller.Has(api::v1::Access::SECRETARIAT));
}

TEST_F(IdentitiesTest, OthersAreThePublic) {
  ASSERT_THAT(StartKnowing(), IsOk());
  EXPECT_THAT(CallAs("", kCreateMember), HasReason(api::v1::Error::TOKEN_MISSING));
  EXPECT_THAT(CallAs("server", kCreateMember), HasReason(api::v1::Error::TOKEN_MISSING));
  EXPECT_THAT(CallAs("server", kGetMember), IsOk());
}

TEST_F(IdentitiesTest, ATokenCountsAlone) {
  ASSERT_THAT(StartKnowing(), IsOk());
  const std::string token = *signer_.Sign(auth::ToJson({.subject = "ann",
                                                        .issuer = "baliprocess-gateway",
                                                        .audience = "baliprocess",
                                                        .roles = {"observer"},
                                                        .member = "",
                                                        .issued = clock_.Now(),
                                                        .expires = clock_.Now() + absl::Hours(1)}));
  const Headers headers = {{"authorization", "Bearer " + token}};
  EXPECT_THAT(CallAs("client", kCreateMember, headers), HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_THAT(CallAs("client", kGetMember, headers), IsOk());
  EXPECT_EQ(CallerAtService().subject, "ann");
}

TEST_F(IdentitiesTest, TheListIsFollowed) {
  ASSERT_THAT(StartKnowing(), IsOk());
  EXPECT_THAT(CallAs("client", kCreateMember), IsOk());
  Replace("callers.json", "[{}]");
  EXPECT_TRUE(AwaitReload("identities", false));
  EXPECT_THAT(CallAs("client", kCreateMember), IsOk()) << "the old list stays";
  Replace("callers.json", "[]");
  EXPECT_TRUE(AwaitReload("identities", true));
  EXPECT_THAT(Call(kCreateMember, "hello").status, HasReason(api::v1::Error::TOKEN_MISSING))
      << "on a connection from before, too";
}

TEST_F(IdentitiesTest, TheSigningKeyIsFollowed) {
  ASSERT_THAT(StartKnowing(), IsOk());
  EXPECT_THAT(CallAs("client", kCreateMember), IsOk());
  const auth::TokenSigner next = *auth::TokenSigner::Generate();
  Replace("signing-key.pem", *next.PrivatePem());
  EXPECT_TRUE(AwaitReload("identities", false));
  EXPECT_THAT(CallAs("client", kCreateMember), IsOk()) << "the old key signs: nobody knows the new";
  Replace("jwks.json", next.PublicJwks());
  tokens_->Reload();
  EXPECT_TRUE(AwaitReload("identities", true));
  EXPECT_THAT(CallAs("client", kCreateMember), IsOk());
  EXPECT_EQ(CallerAtService().subject, "desk");
}

TEST_F(IdentitiesTest, TokensAreMadeAnewBeforeTheyExpire) {
  ASSERT_THAT(StartKnowing(), IsOk());
  Identities identities(options_.identities, *tokens_, clock_);
  EXPECT_EQ(identities.AuthorizationOf({"spiffe://test/client"}), "");
  ASSERT_THAT(identities.Reload(), IsOk());
  const std::string first = identities.AuthorizationOf({"other", "spiffe://test/client"});
  EXPECT_FALSE(first.empty());
  clock_.Advance(absl::Minutes(3));
  EXPECT_EQ(identities.AuthorizationOf({"spiffe://test/client"}), first);
  clock_.Advance(absl::Minutes(1));
  EXPECT_NE(identities.AuthorizationOf({"spiffe://test/client"}), first);
  EXPECT_EQ(identities.AuthorizationOf({"spiffe://test/clien"}), "");
  EXPECT_EQ(identities.AuthorizationOf({}), "");
}

TEST_F(IdentitiesTest, StartsNotWithWhatCannotWork) {
  EXPECT_THAT(StartKnowing("another"), MessageHas("--issuers"));
  for (const char* bad : {"", "{}", "[5]", R"([{"uri": "a"}])", R"([{"subject": "a"}])",
                          R"([{"uri": "a", "subject": "b", "roles": ["king"]}])",
                          R"([{"uri": "a", "subject": "b", "role": "member"}])",
                          R"([{"uri": "a", "subject": "b"}, {"uri": "a", "subject": "c"}])"}) {
    Replace("callers.json", bad);
    EXPECT_THAT(StartKnowing(), MessageHas("callers.json")) << bad;
  }
  Replace("callers.json", kDesk);
  options_.client_certificates = ClientCertificates::kNone;
  EXPECT_THAT(StartKnowing(), MessageHas("client certificates"));
}

}  // namespace
}  // namespace baliprocess::gateway
