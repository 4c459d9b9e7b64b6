#include "common/rpc/tls.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/auth/openssl_ptr.h"
#include "common/base/read_file.h"
#include "common/base/status_macros.h"

namespace baliprocess::rpc {
namespace {

// The content of a PEM file; empty for an empty path.
absl::StatusOr<std::string> ReadPem(const std::string& path) {
  if (path.empty()) return "";
  ASSIGN_OR_RETURN(std::string content, ReadFile(path));
  if (content.find("-----BEGIN ") == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": isn't a PEM file"));
  }
  return content;
}

struct Pem {
  std::string cert;
  std::string key;
  std::string ca;

  friend bool operator==(const Pem&, const Pem&) = default;
};

using X509Ptr = auth::OpenSslPtr<X509, X509_free>;
using KeyPtr = auth::OpenSslPtr<EVP_PKEY, EVP_PKEY_free>;

// Instead of OpenSSL's own, which would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

auth::BioPtr BioOf(const std::string& pem) {
  return auth::BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// gRPC would find out at the first connection. The two files aren't replaced at one moment.
absl::Status CheckPair(const TlsFiles& files, const Pem& pem) {
  if (pem.cert.empty()) return absl::OkStatus();
  const X509Ptr certificate(
      PEM_read_bio_X509(BioOf(pem.cert).get(), nullptr, NoPassphrase, nullptr));
  if (!certificate) {
    return absl::InvalidArgumentError(absl::StrCat(files.certificate, ": isn't a certificate"));
  }
  const KeyPtr key(PEM_read_bio_PrivateKey(BioOf(pem.key).get(), nullptr, NoPassphrase, nullptr));
  const bool pair = key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (pair) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(files.key, ": isn't the key of ", files.certificate));
}

absl::StatusOr<Pem> ReadAll(const TlsFiles& files) {
  if (files.certificate.empty() != files.key.empty()) {
    return absl::InvalidArgumentError("a TLS certificate and its key belong together");
  }
  Pem pem;
  ASSIGN_OR_RETURN(pem.cert, ReadPem(files.certificate));
  ASSIGN_OR_RETURN(pem.key, ReadPem(files.key));
  ASSIGN_OR_RETURN(pem.ca, ReadPem(files.ca));
  RETURN_IF_ERROR(CheckPair(files, pem));
  return pem;
}

// grpc::SslServerCredentials have what they were made with. These are asked at each handshake, as
// gRPC offers it in its core alone.
class FollowedCredentials final : public grpc::ServerCredentials {
 public:
  explicit FollowedCredentials(TlsFiles files)
      : files_(std::move(files)), demands_certificates_(!files_.ca.empty()) {}
  ~FollowedCredentials() override { grpc_server_credentials_release(credentials_); }

  // Reads the files.
  absl::Status Read() {
    ASSIGN_OR_RETURN(Pem pem, ReadAll(files_));
    const std::lock_guard<std::mutex> lock(mutex_);
    if (pem == latest_) return absl::OkStatus();
    latest_ = std::move(pem);
    offered_ = false;
    return absl::OkStatus();
  }

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            demands_certificates_ ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                  : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
            Fetch, this));
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<FollowedCredentials*>(self)->Fetch(config);
  }

  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config** config) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (std::exchange(offered_, true)) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {latest_.key.c_str(), latest_.cert.c_str()};
    // There must be authorities, even if no certificate is asked for.
    const std::string& ca = demands_certificates_ ? latest_.ca : latest_.cert;
    *config = grpc_ssl_server_certificate_config_create(ca.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const TlsFiles files_;
  const bool demands_certificates_;
  grpc_server_credentials* credentials_ = nullptr;
  std::mutex mutex_;
  Pem latest_;            // guarded by mutex_
  bool offered_ = false;  // to gRPC, what is the latest; guarded by mutex_
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const TlsFiles& files, telemetry::FileFollower& follower) {
  if (files.empty()) return grpc::InsecureServerCredentials();
  if (files.certificate.empty()) {
    return absl::InvalidArgumentError("client certificates need a TLS certificate of the server");
  }
  const auto credentials = std::make_shared<FollowedCredentials>(files);
  RETURN_IF_ERROR(follower.Follow("certificate", {files.certificate, files.key, files.ca},
                                  [raw = credentials.get()] { return raw->Read(); }));
  return credentials;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(const TlsFiles& files) {
  if (files.empty()) return grpc::InsecureChannelCredentials();
  ASSIGN_OR_RETURN(Pem pem, ReadAll(files));
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = std::move(pem.ca);
  options.pem_private_key = std::move(pem.key);
  options.pem_cert_chain = std::move(pem.cert);
  return grpc::SslCredentials(options);
}

}  // namespace baliprocess::rpc
