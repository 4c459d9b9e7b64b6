// The stream of grpc.health.v1.Health.Watch on a connection to a service: by it the service tells
// whether it takes calls, and at once when that changes.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_HEALTH_WATCH_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_HEALTH_WATCH_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "services/gateway/net/body.h"
#include "services/gateway/net/http2_session.h"
#include "services/gateway/net/timer.h"

namespace baliprocess::gateway {

// What isn't an answer about the service says nothing against it: a server that doesn't offer
// health (UNIMPLEMENTED), lets nobody ask or sends nonsense, serves.
class HealthWatch final : Body {
 public:
  // `told` is called with each answer.
  HealthWatch(Http2Session& session, TimerQueue& timers, std::string service,
              std::function<void(bool serving)> told);

  // Asks. The session is open; `tls` says which scheme the request names.
  void Start(const std::string& authority, bool tls);
  // Ends the stream, for good.
  void Stop();

  // Whether a stream of the connection is this one.
  bool Owns(int32_t stream_id) const { return stream_ != 0 && stream_id == stream_; }
  void OnHeader(std::string_view name, std::string_view value);
  void OnData(std::string_view bytes);
  void OnClosed();

 private:
  ssize_t Read(size_t length, uint32_t* flags) override;
  void Move(size_t size, std::string& out) override;
  void Ask();
  void GiveUp();
  // False when it isn't a HealthCheckResponse.
  bool Tell(std::string_view message);

  Http2Session& session_;
  TimerQueue& timers_;
  const std::string service_;
  const std::function<void(bool)> told_;
  std::string authority_;
  bool tls_ = false;
  int32_t stream_ = 0;  // 0: none
  std::string request_;
  std::string received_;
  bool answered_ = false;       // once
  bool unimplemented_ = false;  // there is no use in asking again
  FunctionTimer again_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_HEALTH_WATCH_H_
