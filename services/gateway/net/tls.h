// TLS between the socket and what is spoken on it, without a copy of either's bytes kept.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_TLS_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_TLS_H_

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// TLS 1.2 or later. By ALPN, `h2` is chosen before `http/1.1` and `http/1.0`; a client that offers
// others alone is refused (RFC 7301 3.2).
absl::StatusOr<SslContext> MakeServerContext(const TlsFiles& files, ClientCertificates clients);

// For connections to services: their certificates must lead to `files.ca`.
absl::StatusOr<SslContext> MakeClientContext(const TlsFiles& files);

// A context that may be replaced: connections that live have the one that they began with. Safe for
// many threads.
class TlsContext {
 public:
  void Set(SslContext context) {
    const std::lock_guard<std::mutex> lock(mutex_);
    context_ = std::move(context);
  }
  // Null: there is none.
  std::shared_ptr<SSL_CTX> get() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return context_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
};

// One TLS connection. Bytes from the peer go in through Feed and come out of Read; what is to be
// sent to the peer is appended to the string that the constructor names.
class TlsChannel {
 public:
  enum class State { kHandshake, kOpen, kOver };

  // As server, or as client of a peer that must prove to be `peer_name` (a host name or address).
  TlsChannel(SSL_CTX* context, std::string* to_peer);
  TlsChannel(SSL_CTX* context, std::string* to_peer, const std::string& peer_name);
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  // Sends a client's first message.
  void StartHandshake();

  // `bytes` must be read to the end, by Read, before they go.
  void Feed(std::string_view bytes) { from_peer_ = bytes; }

  // The number of bytes of plaintext put into `buffer`; 0 when there are none for now or the
  // connection is over (see state).
  size_t Read(char* buffer, size_t size);

  // Whether `plaintext` was encrypted whole.
  bool Write(std::string_view plaintext);

  // Says goodbye (close_notify).
  void Shutdown();

  // The URIs among the alternative names of the peer's certificate (RFC 5280 4.2.1.6), once the
  // channel is open; none when it has shown none.
  std::vector<std::string> PeerUris() const;

  State state() const { return state_; }

  // Whether both sides agreed on `h2` by ALPN, as a service must. To be asked once the state is
  // kOpen.
  bool agreed_on_http2() const;

  // Why it is over, in OpenSSL's words; empty while it isn't, and when the peer said goodbye.
  std::string_view error() const { return error_; }

  // The key updates that the peer has sent since the last call of this function (RFC 8446 4.6.3).
  int TakeKeyUpdates() { return std::exchange(key_updates_, 0); }
  // After many of them Read stops, for the caller to look at their number, though there is more.
  bool has_more() const { return !from_peer_.empty(); }

 private:
  friend struct ChannelBio;
  static void OnMessage(int sent, int version, int type, const void* data, size_t size, SSL* ssl,
                        void* channel);
  void AfterHandshake();
  void End();

  SSL* ssl_;
  std::string* to_peer_;
  std::string_view from_peer_;
  State state_ = State::kHandshake;
  std::string error_;
  static constexpr int kKeyUpdatesAtOnce = 32;
  int key_updates_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_TLS_H_
