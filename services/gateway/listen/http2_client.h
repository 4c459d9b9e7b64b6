// A client that speaks HTTP/2: its streams, and its PINGs and GOAWAYs.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP2_CLIENT_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP2_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "services/gateway/calls/request_head.h"
#include "services/gateway/listen/client_protocol.h"
#include "services/gateway/listen/http2_stream.h"
#include "services/gateway/net/http2_session.h"
#include "services/gateway/net/work.h"

namespace baliprocess::gateway {

class Downstream;

class Http2Client final : public ClientProtocol, private Http2Session::Events {
 public:
  // Null when memory is out. `connection` must outlive it.
  static std::unique_ptr<Http2Client> Create(Downstream& connection);

  Taken Take(std::string_view bytes) override;
  Made Produce(size_t target, std::string& out) override { return http2_.Produce(target, out); }
  bool wants_write() const override { return http2_.wants_write(); }
  bool over() const override { return http2_.over(); }
  size_t answers() const override { return http2_.answers(); }

  double CostOf(std::string_view bytes) override { return meter_.Pass(bytes); }
  bool idle() const override {
    return state_ == State::kServing && streams_.empty() && headers_since_ == SteadyTime::max();
  }
  void Drain() override;
  void Tick(SteadyTime now) override;
  void Leave(std::string_view reason) override;
  void OnClosed() override;

 private:
  enum class State { kServing, kDraining, kLeaving };

  explicit Http2Client(Downstream& connection);

  void OnBeginHeaders(const nghttp2_frame& frame) override;
  bool OnHeader(const nghttp2_frame& frame, const ReceivedField& field) override;
  void OnInvalidFrame(const nghttp2_frame& frame) override;
  void OnFrame(const nghttp2_frame& frame) override;
  void OnData(int32_t stream_id, std::string_view bytes) override;
  void OnFrameSent(const nghttp2_frame& frame) override;
  void OnStreamClosed(int32_t stream_id, uint32_t error_code) override;

  nghttp2_session* session() { return http2_.session(); }
  Http2Stream* FindStream(int32_t stream_id);
  // The head of a request is whole.
  void BeginExchange(int32_t stream_id, bool end);
  bool HeadFits() const;
  void OnPingAnswer(const nghttp2_ping& ping);
  void SendFinalGoaway();
  void CheckKeepalive(SteadyTime now);

  Downstream& connection_;
  const Limits& limits_;
  Http2Session http2_;
  State state_ = State::kServing;
  Http2Stream::List streams_;

  SteadyTime headers_since_ = SteadyTime::max();  // while a HEADERS frame is incomplete
  int32_t headers_stream_ = 0;                    // whose it is
  RequestHead head_;                              // as far as it has come, when it is a request's
  size_t trailer_bytes_ = 0;                      // of a HEADERS frame that isn't a call's head
  SteadyTime ping_sent_ = SteadyTime::max();      // while it isn't answered
  SteadyTime drain_since_ = SteadyTime::max();
  FrameMeter meter_;
  FrameScanner frames_;  // as they are taken
  size_t grown_ = 0;     // by how many bytes the frame that nghttp2 takes is longer than what came
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP2_CLIENT_H_
