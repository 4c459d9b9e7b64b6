// A client's connection: limits, abuse, timeouts and drain are judged here, calls in Call.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DOWNSTREAM_H_
#define BALIPROCESS_SERVICES_GATEWAY_DOWNSTREAM_H_

#include <string>
#include <string_view>

#include "services/gateway/call.h"
#include "services/gateway/connection.h"

namespace baliprocess::gateway {

class Downstream final : public Connection {
 public:
  // `peer` is the client's address, without its port.
  Downstream(EventLoop& loop, std::string peer);

  void Serve(UniqueFd socket);

  // Asks the client to go elsewhere, at once with what its streams do; ends when its calls have
  // ended.
  void Drain();

  // Judges timeouts; called now and then.
  void Tick(SteadyTime now);

  const std::string& peer() const { return peer_; }

 private:
  enum class State { kStarting, kServing, kDraining, kLeaving };

  void OnOpen() override;
  void OnClosed() override;
  void OnBeginHeaders(const nghttp2_frame& frame) override;
  void OnHeader(const nghttp2_frame& frame, nghttp2_rcbuf* name, nghttp2_rcbuf* value,
                uint8_t flags) override;
  void OnFrame(const nghttp2_frame& frame) override;
  void OnData(int32_t stream_id, std::string_view bytes) override;
  void OnFrameSent(const nghttp2_frame& frame) override;
  void OnStreamClosed(int32_t stream_id, uint32_t error_code) override;
  void MoveBody(Call& call, size_t size, std::string& out) override;

  Call* FindCall(int32_t stream_id);
  void OnPingAnswer();
  void SendFinalGoaway();
  void CheckKeepalive(SteadyTime now);
  // Counts towards `limit` per window; an abuser is told to calm down, and left.
  void CountAbuse(int& count, int limit);

  const std::string peer_;
  State state_ = State::kStarting;
  Call::ClientList calls_;

  const SteadyTime accepted_;
  SteadyTime headers_since_ = SteadyTime::max();  // while a HEADERS frame is incomplete
  int32_t headers_stream_ = 0;                    // whose it is
  SteadyTime last_call_;                          // when the last call began or ended
  SteadyTime ping_sent_ = SteadyTime::max();      // while it isn't answered
  SteadyTime drain_since_ = SteadyTime::max();

  SteadyTime window_start_;
  int resets_ = 0;
  int control_frames_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DOWNSTREAM_H_
