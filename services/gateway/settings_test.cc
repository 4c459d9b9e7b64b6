// Settings that a gateway starts with, and those that it refuses.

#include <gmock/gmock.h>

#include "services/gateway/testing/fixture.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;

class SettingsTest : public GatewayTest {
 protected:
  absl::Status TryStart() {
    policy_.emplace(*auth::AccessPolicy::ForServices(auth::AccessPolicy::AllServices()));
    return Gateway::Start(options_, *policy_, verifier_).status();
  }
};

TEST_F(SettingsTest, PlaintextStaysOnThisMachine) {
  options_.listen = "0.0.0.0:0";
  EXPECT_THAT(TryStart(), MessageHas("without TLS"));
  options_.allow_plaintext = true;
  EXPECT_THAT(TryStart(), IsOk());
  options_.allow_plaintext = false;
  options_.listen = "127.0.0.1:0";
  options_.services = {{"membership", {"127.0.0.1:1", "10.0.0.1:1"}}};
  EXPECT_THAT(TryStart(), MessageHas("10.0.0.1:1 without TLS"));
}

TEST_F(SettingsTest, TlsIsWholeOrAbsent) {
  options_.tls.key = "key.pem";
  EXPECT_THAT(TryStart(), MessageHas("needs its certificate"));
  options_.tls = {"certificate.pem", "", ""};
  EXPECT_THAT(TryStart(), MessageHas("needs its key"));
  options_.tls = {};
  options_.client_certificates = ClientCertificates::kRequired;
  EXPECT_THAT(TryStart(), MessageHas("need TLS"));
  options_.client_certificates = ClientCertificates::kNone;
  options_.upstream_tls.certificate = "certificate.pem";
  EXPECT_THAT(TryStart(), MessageHas("services' ca"));
}

TEST_F(SettingsTest, ServicesMustBeKnownAndHaveAddresses) {
  options_.services = {{"nothing", {"127.0.0.1:1"}}};
  EXPECT_THAT(TryStart(), MessageHas("no such service"));
  options_.services = {{"membership", {}}};
  EXPECT_THAT(TryStart(), MessageHas("no address"));
  options_.services = {{"membership", {"127.0.0.1:1"}},
                       {"baliprocess.membership.v1.MembershipService", {"127.0.0.1:2"}}};
  EXPECT_THAT(TryStart(), MessageHas("twice"));
}

TEST_F(SettingsTest, TakenPortIsAnError) {
  Start(1);
  options_.listen = "127.0.0.1:" + std::to_string(gateway_->port());
  EXPECT_THAT(TryStart(), MessageHas("can't listen"));
}

}  // namespace
}  // namespace baliprocess::gateway
