// TLS on both sides.

#include "services/gateway/net/tls.h"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/log_capture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::testing::Eq;
using ::testing::Optional;

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// An authority, `ca`, that knows `server` and `client`, and another that knows a `stranger`.
class TlsTest : public GatewayTest {
 protected:
  TlsTest() : directory_(::testing::TempDir() + "/gateway_tls_test") {
    const std::string script = absl::StrCat(
        "set -e; rm -rf ", directory_, "; mkdir -p ", directory_, "; cd ", directory_,
        "; exec >/dev/null 2>&1\n",
        "new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
        "-keyout $1.key -subj /CN=$1 \"${@:2}\"; }\n",
        "for ca in ca other; do new $ca -x509 -days 2 -out $ca.pem; done\n",
        "sign() { printf subjectAltName=DNS:localhost,IP:127.0.0.1 > ext\n",
        "  new $1 -out $1.csr\n",
        "  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 2 "
        "-extfile ext -out $1.pem; }\n",
        "sign server ca; sign client ca; sign stranger other\n");
    std::ofstream(directory_ + ".sh") << script;
    EXPECT_EQ(std::system(("bash " + directory_ + ".sh").c_str()), 0);
    options_.tls = Files("server", "");
  }

  TlsFiles Files(const std::string& name, const std::string& ca) const {
    const auto path = [&](const std::string& file) { return directory_ + "/" + file; };
    return {name.empty() ? "" : path(name + ".pem"), name.empty() ? "" : path(name + ".key"),
            ca.empty() ? "" : path(ca + ".pem")};
  }

  // A call by a client that shows this certificate, or none.
  absl::Status CallAs(const std::string& name) {
    grpc::SslCredentialsOptions credentials;
    credentials.pem_root_certs = Contents(directory_ + "/ca.pem");
    if (!name.empty()) {
      credentials.pem_private_key = Contents(directory_ + "/" + name + ".key");
      credentials.pem_cert_chain = Contents(directory_ + "/" + name + ".pem");
    }
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", gateway_->port()),
                                   grpc::SslCredentials(credentials));
    return Call(kGetMember, "hello").status;
  }

  // A client of TLS that isn't connected yet and offers this ALPN list.
  BIO* NewClient(SSL_CTX* context, const std::string& protocols) {
    BIO* const bio = BIO_new_ssl_connect(context);
    SSL* ssl = nullptr;
    BIO_get_ssl(bio, &ssl);
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
    BIO_set_conn_hostname(bio, absl::StrCat("127.0.0.1:", gateway_->port()).c_str());
    return bio;
  }

  std::string directory_;
};

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
    const std::string request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
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

  // Puts other contents in the place of a file, as a whole.
  void Replace(const std::string& name, const std::string& by) const {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path + ".new") << by;
    std::filesystem::rename(path + ".new", path);
  }
  void ReplaceByFile(const std::string& name, const std::string& by) const {
    Replace(name, Contents(directory_ + "/" + by));
  }

  // Waits until it was read anew so often, with this result.
  bool AwaitReload(const std::string& what, bool succeeded, uint64_t times = 1) {
    const absl::Time end = absl::Now() + kSoon;
    while (absl::Now() < end) {
      const auto counts = options_.reloads->get();
      const auto found = counts.find({what, succeeded});
      if (found != counts.end() && found->second >= times) return true;
      std::this_thread::yield();
    }
    return false;
  }

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

TEST_F(MutualTlsTest, ServiceOfAnotherAuthorityIsNotSpokenTo) {
  StartMutual("stranger", "client");
  EXPECT_THAT(CallAs(""), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
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
