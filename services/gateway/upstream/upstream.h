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
#include "services/gateway/upstream/health_watch.h"

namespace baliprocess::gateway {

class Endpoint;

class Upstream final : public Connection, private Http2Session::Events {
 public:
  // `tls` may be null: the connection is plaintext then.
  Upstream(Reactor& reactor, std::shared_ptr<Endpoint> endpoint, const TlsContext* tls);

  void Connect();
  // Takes no more calls, and closes when those that it has are over.
  void Retire();

  // The service has sent its SETTINGS and no GOAWAY.
  bool open_for_calls() const { return state_ == State::kOpen && !closed(); }
  // It is open for calls, and the service has said whether it serves, or has been given time to.
  bool ready() const { return open_for_calls() && heard_; }
  bool serving() const { return serving_; }
  // It may become ready.
  bool pending() const { return state_ == State::kConnecting || (open_for_calls() && !heard_); }
  // It takes no more calls.
  bool leaving() const { return state_ == State::kGoingAway; }
  // It is so old that another will take its place.
  bool aged() const { return aged_; }
  // It needs no other in its place.
  bool lasting() const { return !leaving() && !aged_; }
  // A call waits, nothing came for a while and a PING has no answer yet.
  bool silent() const { return pinged_ > last_read(); }
  // It was open for calls for so long.
  bool stood(SteadyTime::duration time) const;
  int calls() const { return call_count_; }
  std::string_view address() const override;

  // Opens a stream for the call and sends its request, as it comes. Refuses the call when no stream
  // can be had.
  void Send(Call& call);

 private:
  enum class State { kConnecting, kOpen, kGoingAway };

  bool Try(const SocketAddress& address);

  void OnConnect() override;
  void OnOpen() override;
  void OnClosed() override;
  bool OnHeader(const nghttp2_frame& frame, const ReceivedField& field) override;
  void OnFrame(const nghttp2_frame& frame) override;
  void OnData(int32_t stream_id, std::string_view bytes) override;
  void OnFrameSent(const nghttp2_frame& frame) override;
  void OnStreamClosed(int32_t stream_id, uint32_t error_code) override;

  nghttp2_session* session() { return http2_.session(); }
  void OnSettings();
  void OnGoaway(const nghttp2_goaway& frame);
  void OnHealth(bool serving);
  void OnTimeout();
  void OnPingTimer();
  void OnAgeTimer();
  // Ends the attempt to connect.
  void FailToConnect(std::string why);
  void LogLoss();
  void GoAway(bool by_service);
  void EndWithoutCalls();
  Call* FindCall(int32_t stream_id);

  Http2Session http2_{*this, *this};
  const std::shared_ptr<Endpoint> endpoint_;
  const TlsContext* const tls_context_;
  HealthWatch health_;
  FunctionTimer timeout_;  // for SETTINGS, and then for the first word about health
  FunctionTimer ping_timer_;
  FunctionTimer age_timer_;
  State state_ = State::kConnecting;
  std::string connect_failure_;  // why the attempt has failed, as far as it is known here
  SteadyTime opened_ = SteadyTime::max();
  SteadyTime ping_due_;
  SteadyTime pinged_;   // when the last PING was sent; long ago: there was none
  bool heard_ = false;  // about health, or that nothing will be heard
  bool serving_ = false;
  bool aged_ = false;
  Call::ServerList calls_;
  int call_count_ = 0;
  uint32_t calls_begun_ = 0;
  int32_t last_sent_ = 0;  // the stream that was begun last, of those that don't wait for room
  uint32_t max_header_bytes_ = 0;  // that the service takes
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_UPSTREAM_H_
