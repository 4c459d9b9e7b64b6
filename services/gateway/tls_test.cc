// TLS on both sides.

#include "services/gateway/net/tls.h"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"

#include "common/testing/log_capture.h"
#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/testing/tls_fixture.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::testing::Eq;
using ::testing::Optional;

TEST_F(TlsTest, ServesCalls) {
  Start();
  EXPECT_THAT(CallAs(""), IsOk());
  const std::string message(1 << 20, 'x');
  ClientCall call(channel_, kGetMember);
  call.Send(message);
  call.EndSending();
  EXPECT_THAT(call.Receive(), Optional(Eq(message)));
  EXPECT_THAT(call.Finish(), IsOk());
}

TEST_F(TlsTest, PlaintextClientIsClosedAndLogged) {
  LogCapture log;
  Start();
  auto raw = RawPeer::Connect(gateway_->port());
  raw->Request({});
  EXPECT_FALSE(raw->Until([&] { return !raw->streams().empty(); }));
  EXPECT_TRUE(raw->over());
  gateway_.reset();  // it has logged everything
  EXPECT_EQ(log.Count("handshake failed peer=\"127.0.0.1\""), 1);
}

// h2 before http/1.1; who offers nothing speaks HTTP/1.1.
TEST_F(TlsTest, AlpnSaysWhichHttpIsSpoken) {
  Start();
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  struct Row {
    std::string offered;
    std::string agreed;
    std::string begins;  // what is said to a request of HTTP/1.1
  };
  const Row rows[] = {
      {"\x08http/1.1", "http/1.1", "HTTP/1.1 404"},
      {"\x08http/1.1\x02h2", "h2", std::string("\0\0", 2)},
      {"\x03"
       "foo\x08http/1.1",
       "http/1.1", "HTTP/1.1 404"},
      {"\x08http/1.0", "http/1.0", "HTTP/1.1 404"},
      {"", "", "HTTP/1.1 404"},
  };
  for (const Row& row : rows) {
    BIO* const bio = NewClient(context.get(), row.offered);
    ASSERT_EQ(BIO_do_connect(bio), 1) << row.offered;
    SSL* ssl = nullptr;
    BIO_get_ssl(bio, &ssl);
    const unsigned char* agreed = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &agreed, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(agreed), size), row.agreed);
    const std::string request = "GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n";
    BIO_write(bio, request.data(), static_cast<int>(request.size()));
    char buffer[1000] = {};
    EXPECT_GT(BIO_read(bio, buffer, sizeof(buffer)), 0) << row.offered;
    EXPECT_EQ(std::string(buffer, row.begins.size()), row.begins) << row.offered;
    BIO_free_all(bio);
  }
}

TEST_F(TlsTest, ClientOfAnotherProtocolIsClosed) {
  Start();
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  BIO* const bio = NewClient(context.get(),
                             "\x03"
                             "foo");
  EXPECT_NE(BIO_do_connect(bio), 1);
  BIO_free_all(bio);
}

// A handshake costs more than most of what can be done behind it.
TEST_F(TlsTest, HandshakesWithoutACallAreWorkOfTheAddress) {
  options_.limits.work_per_second_per_address = 400;  // 8,000 at once: five handshakes
  LogCapture log;
  Start();
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  for (int i = 0; i < 8; ++i) {
    BIO* const bio = NewClient(context.get(), "\x02h2");
    EXPECT_EQ(BIO_do_connect(bio), 1);
    BIO_free_all(bio);
  }
  gateway_.reset();
  EXPECT_GE(log.Count("reason=\"too many connections without a call\""), 1);
}

TEST_F(TlsTest, RequiredClientCertificate) {
  options_.tls = Files("server", "ca");
  options_.client_certificates = ClientCertificates::kRequired;
  Start();
  EXPECT_THAT(CallAs("client"), IsOk());
  EXPECT_FALSE(CallAs("").ok());
  EXPECT_FALSE(CallAs("stranger").ok());
  EXPECT_EQ(backend_->seen().calls, 1);
}

TEST_F(TlsTest, OptionalClientCertificateMustBeGoodWhenShown) {
  options_.tls = Files("server", "ca");
  options_.client_certificates = ClientCertificates::kOptional;
  Start();
  EXPECT_THAT(CallAs(""), IsOk());
  EXPECT_THAT(CallAs("client"), IsOk());
  EXPECT_FALSE(CallAs("stranger").ok());
}

// Files that change while the gateway runs.
class FollowedTlsTest : public TlsTest {
 protected:
  FollowedTlsTest() { options_.follow_files = absl::Milliseconds(10); }

  // The name in the certificate that a new connection sees.
  std::string ServerName() {
    const SslContext context(SSL_CTX_new(TLS_client_method()));
    BIO* const bio = NewClient(context.get(), "\x02h2");
    EXPECT_EQ(BIO_do_connect(bio), 1);
    SSL* ssl = nullptr;
    BIO_get_ssl(bio, &ssl);
    X509* const certificate = SSL_get1_peer_certificate(ssl);
    char name[100] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof(name));
    X509_free(certificate);
    BIO_free_all(bio);
    return name;
  }
};

TEST_F(FollowedTlsTest, NewConnectionsSeeTheNewCertificate) {
  Start();
  EXPECT_THAT(CallAs(""), IsOk());
  EXPECT_EQ(ServerName(), "server");
  ReplaceByFile("server.key", "stranger.key");
  ReplaceByFile("server.pem", "stranger.pem");
  EXPECT_TRUE(AwaitReload("certificate", true));
  EXPECT_EQ(ServerName(), "stranger");
  EXPECT_THAT(Call(kGetMember, "hello").status, IsOk()) << "on a connection from before";
}

TEST_F(FollowedTlsTest, ABadFileLeavesTheOldCertificate) {
  LogCapture log;
  Start();
  Replace("server.pem", "nonsense");
  EXPECT_TRUE(AwaitReload("certificate", false));
  EXPECT_THAT(CallAs(""), IsOk());
  EXPECT_EQ(log.Count("can't be read anew: what was read before stays in use what=\"certificate\""),
            1);
  ReplaceByFile("server.pem", "client.pem");
  EXPECT_TRUE(AwaitReload("certificate", false, 2)) << "the key is another's";
  ReplaceByFile("server.key", "client.key");
  EXPECT_TRUE(AwaitReload("certificate", true));
  EXPECT_EQ(ServerName(), "client");
}

TEST_F(FollowedTlsTest, AuthoritiesOfClientsAreFollowed) {
  options_.tls = Files("server", "ca");
  options_.client_certificates = ClientCertificates::kRequired;
  Start();
  EXPECT_FALSE(CallAs("stranger").ok());
  Replace("ca.pem", Contents(directory_ + "/ca.pem") + Contents(directory_ + "/other.pem"));
  EXPECT_TRUE(AwaitReload("certificate", true));
  EXPECT_THAT(CallAs("stranger"), IsOk());
  EXPECT_THAT(CallAs("client"), IsOk());
}

TEST_F(FollowedTlsTest, ReloadReadsWhatIsTheSame) {
  options_.follow_files = absl::Hours(1);
  Start();
  gateway_->Reload();
  EXPECT_TRUE(AwaitReload("certificate", true));
  EXPECT_THAT(CallAs(""), IsOk());
}

// Towards a service that asks for a certificate.
class MutualTlsTest : public TlsTest {
 protected:
  void StartMutual(const std::string& server, const std::string& client) {
    grpc::SslServerCredentialsOptions credentials(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    credentials.pem_root_certs = Contents(directory_ + "/ca.pem");
    credentials.pem_key_cert_pairs.push_back({Contents(directory_ + "/" + server + ".key"),
                                              Contents(directory_ + "/" + server + ".pem")});
    backend_ = std::make_unique<TestBackend>(0, grpc::SslServerCredentials(credentials));
    options_.upstream_tls = Files(client, "ca");
    options_.connect_timeout = absl::Milliseconds(500);
    Start(backend_->port());
  }
};

TEST_F(MutualTlsTest, BothSidesProveThemselves) {
  StartMutual("server", "client");
  EXPECT_THAT(CallAs(""), IsOk());
}

TEST_F(MutualTlsTest, ServiceOfAnotherAuthorityIsNotSpokenToAndTheLogSaysWhy) {
  LogCapture log;
  StartMutual("stranger", "client");
  EXPECT_THAT(CallAs(""), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(log.text(),
              ::testing::ContainsRegex("can't be connected to.*certificate verify failed"));
}

TEST_F(MutualTlsTest, ServiceOfAnotherNameIsNotSpokenTo) {
  options_.upstream_name = "elsewhere";
  StartMutual("server", "client");
  EXPECT_THAT(CallAs(""), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(MutualTlsTest, GatewayWithoutCertificateIsRefused) {
  StartMutual("server", "");
  EXPECT_THAT(CallAs(""), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(backend_->seen().calls, 0);
}

}  // namespace
}  // namespace baliprocess::gateway
