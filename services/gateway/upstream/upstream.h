// A connection to a service, on which many clients' calls travel.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_UPSTREAM_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_UPSTREAM_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/calls/call.h"
#include "services/gateway/net/address.h"
#include "services/gateway/net/connection.h"
#include "services/gateway/net/http2_session.h"

namespace baliprocess::gateway {

class Backend;

class Upstream final : public Connection, private Http2Session::Events {
 public:
  // `tls` may be null: the connection is plaintext then.
  Upstream(Reactor& reactor, Backend& backend, const TlsContext* tls, std::string address);

  void Connect();

  // Whether it takes calls: the service has sent its SETTINGS and no GOAWAY.
  bool ready() const { return state_ == State::kReady && !closed(); }
  int calls() const { return call_count_; }
  std::string_view address() const override { return address_; }

  // Opens a stream for the call and sends its request, as it comes. Refuses the call when no stream
  // can be had.
  void Send(Call& call);

 private:
  enum class State { kConnecting, kReady, kGoingAway };

  void Resolve();
  void OnResolved(std::vector<SocketAddress> addresses);
  void TryNext();
  bool Try(const SocketAddress& address);

  void OnConnect() override;
  void OnOpen() override;
  void OnClosed() override;
  bool OnHeader(const nghttp2_frame& frame, const ReceivedField& field) override;
  void OnFrame(const nghttp2_frame& frame) override;
  void OnData(int32_t stream_id, std::string_view bytes) override;
  void OnStreamClosed(int32_t stream_id, uint32_t error_code) override;

  nghttp2_session* session() { return http2_.session(); }
  void OnSettings();
  // Whether the service takes headers of this size, by its SETTINGS.
  bool Takes(const std::vector<nghttp2_nv>& fields) const;
  void LogLoss();
  void GoAway();
  Call* FindCall(int32_t stream_id);

  Http2Session http2_{*this, *this};
  Backend& backend_;
  const TlsContext* const tls_context_;
  const std::string address_;
  std::string host_;
  std::vector<SocketAddress> addresses_;  // not tried yet, the next at the end
  FunctionTimer timeout_;
  State state_ = State::kConnecting;
  Call::ServerList calls_;
  int call_count_ = 0;
  uint32_t calls_begun_ = 0;
  uint32_t max_header_bytes_ = 0;  // that the service takes
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_UPSTREAM_H_
