#include "services/gateway/net/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::gateway {
namespace {

constexpr unsigned char kHttp2[] = {2, 'h', '2'};
constexpr unsigned char kProtocols[] = "\x02h2\x08http/1.1\x08http/1.0";
constexpr unsigned kProtocolsSize = sizeof(kProtocols) - 1;

absl::Status OpenSslError(const std::string& what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat(what, ": ", text));
}

// In the order of kProtocols.
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* selected = nullptr;
  const int found =
      SSL_select_next_proto(&selected, out_size, kProtocols, kProtocolsSize, offered, offered_size);
  *out = selected;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

absl::StatusOr<SslContext> MakeContext(const SSL_METHOD* method, const TlsFiles& files) {
  SslContext context(SSL_CTX_new(method));
  if (!context) return OpenSslError("TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  if (!files.certificate.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
      return OpenSslError(absl::StrCat("certificate ", files.certificate));
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return OpenSslError(absl::StrCat("key ", files.key));
    }
  }
  if (!files.ca.empty() &&
      SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr) != 1) {
    return OpenSslError(absl::StrCat("ca ", files.ca));
  }
  return context;
}

}  // namespace

absl::StatusOr<SslContext> MakeServerContext(const TlsFiles& files, ClientCertificates clients) {
  ASSIGN_OR_RETURN(SslContext context, MakeContext(TLS_server_method(), files));
  SSL_CTX_set_alpn_select_cb(context.get(), SelectProtocol, nullptr);
  if (clients == ClientCertificates::kNone) return context;
  if (files.ca.empty()) {
    return absl::InvalidArgumentError("client certificates need the ca that issues them");
  }
  SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(files.ca.c_str()));
  int mode = SSL_VERIFY_PEER;
  if (clients == ClientCertificates::kRequired) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context.get(), mode, nullptr);
  // Sessions are resumed only within one context (RFC 5077 tickets, needed with verification).
  static constexpr unsigned char kSessionId[] = "baliprocess";
  SSL_CTX_set_session_id_context(context.get(), kSessionId, sizeof(kSessionId) - 1);
  return context;
}

absl::StatusOr<SslContext> MakeClientContext(const TlsFiles& files) {
  ASSIGN_OR_RETURN(SslContext context, MakeContext(TLS_client_method(), files));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2)) != 0) {
    return OpenSslError("ALPN");
  }
  return context;
}

// The BIO through which OpenSSL reads what was fed and writes to the string for the peer.
struct ChannelBio {
  static TlsChannel& Channel(BIO* bio) { return *static_cast<TlsChannel*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    std::string_view& in = Channel(bio).from_peer_;
    const bool pause = Channel(bio).key_updates_ >= TlsChannel::kKeyUpdatesAtOnce;
    if (in.empty() || pause) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t n = std::min(in.size(), static_cast<size_t>(size));
    memcpy(out, in.data(), n);
    in.remove_prefix(n);
    return static_cast<int>(n);
  }

  static int Write(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    Channel(bio).to_peer_->append(data, static_cast<size_t>(size));
    return size;
  }

  static long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int Create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* Method() {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "gateway");
      BIO_meth_set_read(made, Read);
      BIO_meth_set_write(made, Write);
      BIO_meth_set_ctrl(made, Control);
      BIO_meth_set_create(made, Create);
      return made;
    }();
    return method;
  }
};

TlsChannel::TlsChannel(SSL_CTX* context, std::string* to_peer)
    : ssl_(SSL_new(context)), to_peer_(to_peer) {
  BIO* bio = BIO_new(ChannelBio::Method());
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
  SSL_set_msg_callback(ssl_, OnMessage);
  SSL_set_msg_callback_arg(ssl_, this);
}

void TlsChannel::OnMessage(int sent, int, int type, const void* data, size_t size, SSL*,
                           void* channel) {
  const bool update = sent == 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
                      *static_cast<const uint8_t*>(data) == SSL3_MT_KEY_UPDATE;
  if (update) ++static_cast<TlsChannel*>(channel)->key_updates_;
}

TlsChannel::TlsChannel(SSL_CTX* context, std::string* to_peer, const std::string& peer_name)
    : TlsChannel(context, to_peer) {
  SSL_set_connect_state(ssl_);
  unsigned char address[16];
  const bool numeric = inet_pton(AF_INET, peer_name.c_str(), address) == 1 ||
                       inet_pton(AF_INET6, peer_name.c_str(), address) == 1;
  const bool set = numeric
                       ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), peer_name.c_str()) == 1
                       : SSL_set1_host(ssl_, peer_name.c_str()) == 1 &&
                             SSL_set_tlsext_host_name(ssl_, peer_name.c_str()) == 1;
  if (!set) state_ = State::kOver;
}

TlsChannel::~TlsChannel() { SSL_free(ssl_); }

void TlsChannel::StartHandshake() {
  ERR_clear_error();
  SSL_do_handshake(ssl_);
}

size_t TlsChannel::Read(char* buffer, size_t size) {
  if (state_ == State::kOver) return 0;
  ERR_clear_error();
  size_t n = 0;
  const int result = SSL_read_ex(ssl_, buffer, size, &n);
  if (state_ == State::kHandshake && SSL_is_init_finished(ssl_)) AfterHandshake();
  if (result == 1) return state_ == State::kOpen ? n : 0;
  if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) End();
  return 0;
}

void TlsChannel::End() {
  state_ = State::kOver;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  if (reason != nullptr) error_ = reason;
}

// Without ALPN a service hasn't agreed to speak HTTP/2 (RFC 9113 3.2).
void TlsChannel::AfterHandshake() {
  state_ = SSL_is_server(ssl_) != 0 || agreed_on_http2() ? State::kOpen : State::kOver;
}

// A certificate that isn't of the authorities would have ended the handshake.
std::vector<std::string> TlsChannel::PeerUris() const {
  std::vector<std::string> uris;
  X509* const certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return uris;
  auto* const names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* const uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  GENERAL_NAMES_free(names);
  return uris;
}

bool TlsChannel::agreed_on_http2() const {
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &protocol, &size);
  return size == 2 && memcmp(protocol, "h2", 2) == 0;
}

bool TlsChannel::Write(std::string_view plaintext) {
  if (plaintext.empty()) return true;
  ERR_clear_error();
  size_t written = 0;
  return SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written) == 1 &&
         written == plaintext.size();
}

void TlsChannel::Shutdown() {
  if (state_ != State::kOpen) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

}  // namespace baliprocess::gateway
