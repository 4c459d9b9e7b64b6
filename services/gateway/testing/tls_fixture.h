// A gateway over TLS, for tests.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_TLS_FIXTURE_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_TLS_FIXTURE_H_

#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/gateway/testing/fixture.h"

namespace baliprocess::gateway {

inline std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// An authority, `ca`, that knows `server` and `client`, and another that knows a `stranger`.
class TlsTest : public GatewayTest {
 protected:
  TlsTest() : directory_(absl::StrCat(::testing::TempDir(), "/gateway_tls_", getpid())) {
    const std::string script = absl::StrCat(
        "set -e; rm -rf ", directory_, "; mkdir -p ", directory_, "; cd ", directory_,
        "; exec >/dev/null 2>&1\n",
        "new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
        "-keyout $1.key -subj /CN=$1 \"${@:2}\"; }\n",
        "for ca in ca other; do new $ca -x509 -days 2 -out $ca.pem; done\n",
        "sign() { printf subjectAltName=DNS:localhost,IP:127.0.0.1,URI:spiffe://test/$1 > ext\n",
        "  new $1 -out $1.csr\n",
        "  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 2 "
        "-extfile ext -out $1.pem; }\n",
        "sign server ca; sign client ca; sign stranger other\n");
    std::ofstream(directory_ + ".sh") << script;
    EXPECT_EQ(std::system(("bash " + directory_ + ".sh").c_str()), 0);
    options_.tls = Files("server", "");
  }
  ~TlsTest() override {
    gateway_.reset();  // which follows the files
    std::filesystem::remove_all(directory_);
    std::filesystem::remove(directory_ + ".sh");
  }

  TlsFiles Files(const std::string& name, const std::string& ca) const {
    const auto path = [&](const std::string& file) { return directory_ + "/" + file; };
    return {name.empty() ? "" : path(name + ".pem"), name.empty() ? "" : path(name + ".key"),
            ca.empty() ? "" : path(ca + ".pem")};
  }

  // A call by a client that shows this certificate, or none.
  absl::Status CallAs(const std::string& name, const std::string& path = kGetMember,
                      const Headers& headers = {}) {
    grpc::SslCredentialsOptions credentials;
    credentials.pem_root_certs = Contents(directory_ + "/ca.pem");
    if (!name.empty()) {
      credentials.pem_private_key = Contents(directory_ + "/" + name + ".key");
      credentials.pem_cert_chain = Contents(directory_ + "/" + name + ".pem");
    }
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", gateway_->port()),
                                   grpc::SslCredentials(credentials));
    return Call(path, "hello", headers).status;
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

  std::string directory_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_TLS_FIXTURE_H_
