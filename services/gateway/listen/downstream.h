// A client's connection: limits, abuse, timeouts and drain are judged here, requests in exchanges.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_DOWNSTREAM_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_DOWNSTREAM_H_

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "services/gateway/calls/request_head.h"
#include "services/gateway/listen/http2_stream.h"
#include "services/gateway/net/connection.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/token_bucket.h"
#include "services/gateway/net/work.h"

namespace baliprocess::gateway {

class CallHost;

class Downstream final : public Connection {
 public:
  // `on_closed` is called when the connection and its calls have ended.
  Downstream(CallHost& host, std::shared_ptr<Peer> peer,
             std::function<void(Downstream&)> on_closed);

  // `tls` may be null: the connection is plaintext then.
  void Serve(UniqueFd socket, SSL_CTX* tls);

  // Asks the client to go elsewhere, at once with what its streams do; ends when its calls have
  // ended.
  void Drain();

  // Judges timeouts; called now and then.
  void Tick(SteadyTime now);

  void Charge(double work) override;
  void Earn(double work) override;

 private:
  enum class State { kStarting, kServing, kDraining, kLeaving };

  void OnOpen() override;
  void OnClosed() override;
  bool OnBytes(std::string_view bytes) override;
  void OnKeyUpdates(int count) override;
  void OnOverflow() override;
  bool OnHeld(size_t bytes) override;
  void OnBeginHeaders(const nghttp2_frame& frame) override;
  bool OnHeader(const nghttp2_frame& frame, const ReceivedField& field) override;
  void OnInvalidFrame(const nghttp2_frame& frame) override;
  void OnFrame(const nghttp2_frame& frame) override;
  void OnData(int32_t stream_id, std::string_view bytes) override;
  void OnFrameSent(const nghttp2_frame& frame) override;
  void OnStreamClosed(int32_t stream_id, uint32_t error_code) override;

  Http2Stream* FindStream(int32_t stream_id);
  // The head of a request is whole.
  void BeginExchange(int32_t stream_id, bool end);
  bool HeadFits() const;
  // Whether the client broke it off.
  bool EndExchange(Http2Stream& stream, uint32_t error_code);
  void OnPingAnswer();
  void SendFinalGoaway();
  void CheckKeepalive(SteadyTime now);
  // Takes from the budgets of the connection and of its address. When one of them is empty the
  // client is cut off, for this reason when it is the connection's.
  void Pay(double work, const char* reason);
  // Takes what hasn't been taken of the address's yet.
  bool Settle();
  void SettleAtEnd();
  // An abuser is told to calm down, and left.
  void CutOff(const char* reason);
  // Remembers and logs that.
  void Blame(const char* reason);
  void LogFailedHandshake();

  CallHost& host_;
  const std::shared_ptr<Peer> peer_;
  Load load_;
  const std::function<void(Downstream&)> on_closed_;
  State state_ = State::kStarting;
  Http2Stream::List streams_;

  const SteadyTime accepted_;
  SteadyTime headers_since_ = SteadyTime::max();  // while a HEADERS frame is incomplete
  int32_t headers_stream_ = 0;                    // whose it is
  RequestHead head_;                              // as far as it has come, when it is a request's
  size_t trailer_bytes_ = 0;                      // of a HEADERS frame that isn't a call's head
  SteadyTime last_call_;                          // when the last call began or ended
  SteadyTime ping_sent_ = SteadyTime::max();      // while it isn't answered
  SteadyTime drain_since_ = SteadyTime::max();

  FrameMeter frames_;
  TokenBucket budget_;
  double unsettled_ = 0;  // work that the address's budget doesn't know of; negative: earned
  int64_t held_ = 0;      // bytes that wait for the socket, among the address's unread ones
  SteadyTime cut_ = SteadyTime::max();  // when it was
  bool open_once_ = false;              // TLS was agreed on
  bool secure_ = false;                 // there is TLS
  bool served_ = false;                 // a call was answered
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_DOWNSTREAM_H_
