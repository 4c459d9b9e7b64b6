// Settings: what is accepted, how it is written; the grammar of timeouts and messages.

#include <gmock/gmock.h>

#include "services/gateway/address.h"
#include "services/gateway/bytes.h"
#include "services/gateway/flags.h"
#include "services/gateway/refusal.h"
#include "services/gateway/request_head.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/timer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::testing::ElementsAre;

TEST(ParseUpstreamsTest, ReadsServicesAndTheirAddresses) {
  ASSERT_OK_AND_ASSIGN(const auto services,
                       ParseUpstreams("membership=a:1+[::1]:2,meetings=unix:/run/m.sock"));
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0].service, "membership");
  EXPECT_THAT(services[0].addresses, ElementsAre("a:1", "[::1]:2"));
  EXPECT_EQ(services[1].service, "meetings");
  EXPECT_THAT(services[1].addresses, ElementsAre("unix:/run/m.sock"));
}

TEST(ParseUpstreamsTest, RefusesWhatIsIncomplete) {
  for (const char* text : {"", " ", "membership", "membership=", "=a:1", "membership=a:1,x"}) {
    EXPECT_FALSE(ParseUpstreams(text).ok()) << text;
  }
}

TEST(AddressTest, ReadsAndRefuses) {
  ASSERT_OK_AND_ASSIGN(const HostPort v6, SplitHostPort("[::1]:65535"));
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.port, 65535);
  for (const char* text : {"", "a", ":1", "a:", "a:65536", "a:-1", "a:1x", "::1:80", "[]:1"}) {
    EXPECT_FALSE(CheckAddress(text).ok()) << text;
  }
  EXPECT_FALSE(CheckAddress("unix:").ok());
  EXPECT_FALSE(CheckAddress("unix:/" + std::string(107, 'x')).ok());
  EXPECT_THAT(CheckAddress("unix:/" + std::string(106, 'x')), IsOk());
}

TEST(TimeoutTest, ReadsEveryUnit) {
  EXPECT_EQ(ParseTimeout("2H"), absl::Hours(2));
  EXPECT_EQ(ParseTimeout("2M"), absl::Minutes(2));
  EXPECT_EQ(ParseTimeout("2S"), absl::Seconds(2));
  EXPECT_EQ(ParseTimeout("2m"), absl::Milliseconds(2));
  EXPECT_EQ(ParseTimeout("2u"), absl::Microseconds(2));
  EXPECT_EQ(ParseTimeout("2n"), absl::Nanoseconds(2));
  EXPECT_EQ(ParseTimeout("99999999H"), absl::Hours(99999999));
  EXPECT_EQ(ParseTimeout("00000000n"), absl::ZeroDuration());
}

TEST(TimeoutTest, WritesWhatItReadsRoundedDown) {
  char buffer[16];
  EXPECT_EQ(FormatTimeout(absl::Seconds(2), buffer), "2000000u");
  EXPECT_EQ(FormatTimeout(absl::Nanoseconds(1999), buffer), "1u");
  EXPECT_EQ(FormatTimeout(-absl::Seconds(1), buffer), "0u");
  EXPECT_EQ(FormatTimeout(absl::Microseconds(100000999), buffer), "100000m");
  EXPECT_EQ(FormatTimeout(absl::Hours(28), buffer), "100800S");
  EXPECT_EQ(FormatTimeout(absl::Hours(99999999), buffer), "99999999S");
}

// What no clock can reach is no deadline.
TEST(TimeoutTest, DeadlinesDoNotOverflow) {
  EXPECT_EQ(After(SteadyNow(), absl::Hours(99999999)), SteadyTime::max());
  EXPECT_EQ(After(SteadyNow(), absl::InfiniteDuration()), SteadyTime::max());
  const SteadyTime now = SteadyNow();
  EXPECT_EQ(After(now, absl::Seconds(1)), now + std::chrono::seconds(1));
}

TEST(MessageMeterTest, FindsTheMessageThatIsTooLargeHoweverItIsCut) {
  const std::string stream("\0\0\0\0\3abc\0\0\0\0\0\1\0\0\0\4", 18);
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    MessageMeter meter;
    bool fine = true;
    for (size_t i = 0; i < stream.size(); i += cut) {
      fine = fine && meter.Pass(std::string_view(stream).substr(i, cut), 3);
    }
    EXPECT_FALSE(fine) << cut;
    MessageMeter wider;
    EXPECT_TRUE(wider.Pass(stream, 4));
  }
}

TEST(ByteQueueTest, IsFirstInFirstOut) {
  ByteQueue queue;
  std::string out;
  for (int i = 0; i < 1000; ++i) {
    queue.Append("abcdefg");
    out.append(queue.front().substr(0, 5));
    queue.Pop(5);
  }
  EXPECT_EQ(queue.size(), 2000u);
  out.append(queue.front());
  queue.Pop(2000);
  EXPECT_TRUE(queue.empty());
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += "abcdefg";
  EXPECT_EQ(out, expected);
}

TEST(PercentEncodeTest, LeavesPrintableAsciiButPercent) {
  EXPECT_EQ(PercentEncode("a b~"), "a b~");
  EXPECT_EQ(PercentEncode("100%\n\x7f\xc3\xa9"), "100%25%0A%7F%C3%A9");
}

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
