// A client that speaks HTTP/1.1 (or HTTP/1.0): one request after the other. The next isn't looked
// at before the reply to the one before was sent.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP1_CLIENT_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP1_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/calls/client_stream.h"
#include "services/gateway/calls/exchange.h"
#include "services/gateway/listen/client_protocol.h"
#include "services/gateway/net/bytes.h"
#include "services/gateway/net/http1_parser.h"
#include "services/gateway/net/http1_reply.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

class Downstream;

class Http1Client final : public ClientProtocol, private ClientStream {
 public:
  // `connection` must outlive it.
  explicit Http1Client(Downstream& connection);

  size_t appetite() const override;
  Taken Take(std::string_view bytes) override;
  Made Produce(size_t target, std::string& out) override;
  bool wants_write() const override;
  bool over() const override { return over_; }

  // Is charged when it is known what the bytes are.
  double CostOf(std::string_view) override { return 0; }
  bool idle() const override { return !exchange_ && !ending_ && head_since_ == SteadyTime::max(); }
  void Drain() override;
  void Tick(SteadyTime now) override;
  void Leave(std::string_view reason) override;
  void OnClosed() override;

 private:
  // How far the reply is.
  enum class Stage { kNone, kBody, kWhole };

  // The exchange's end of the request.
  void SendHead(const std::vector<nghttp2_nv>& fields, Body* body) override;
  void SendTrailers(const std::vector<nghttp2_nv>& fields) override;
  void Resume() override;
  void Consume(size_t bytes) override;
  void Reset(uint32_t error_code) override;
  bool Charge(double work) override;
  void Earn(double work) override;
  SteadyTime last_read() const override;
  Load& load() override;
  const std::vector<std::string>* certificate_uris() const override;
  const std::shared_ptr<Peer>& connected() const override;

  // Whether bytes of a request are looked at.
  bool listening() const { return !request_whole_ && !ending_; }
  // Takes what it can of the bytes: returns how many.
  size_t Parse(std::string_view bytes);
  // One piece of the request.
  size_t ParsePiece(std::string_view bytes);
  void TakeBody(std::string_view bytes, bool last);
  // The head of a request is whole.
  void BeginExchange();
  // A status of HTTP with an error is the reply, and the last.
  void Refuse(int http_status, std::string_view what);
  void AnswerLast(int http_status, std::string_view what);
  // Whether the rest of the request is read, to be thrown away, when it was answered already.
  bool ReadsTheRest() const;
  // The reply is whole: on to the next request.
  void Finish();
  void AwaitRequest();
  // Nothing is heard any more; what is said so far is the last.
  void End();
  void EndUnasked();  // while there is no request

  Downstream& connection_;
  const Limits& limits_;
  ByteQueue input_;  // that came and isn't looked at yet

  // The request that is coming, or is under way.
  std::unique_ptr<Http1Parser> parser_;
  SteadyTime head_since_ = SteadyTime::max();  // while its head isn't whole
  bool request_whole_ = false;
  uint64_t body_bytes_ = 0;  // that have come of it
  size_t unconsumed_ = 0;    // bytes of it that haven't gone on
  bool awaits_continue_ = false;
  ExchangePtr exchange_;   // null: its head isn't whole, or it was answered
  bool answered_ = false;  // and what comes is the rest of it

  Stage stage_ = Stage::kNone;
  Http1Reply reply_;
  Body* body_ = nullptr;
  bool deferred_ = false;  // the body has nothing for now
  std::string output_;     // heads

  bool draining_ = false;
  bool closes_ = false;  // there is no request behind this one
  bool ending_ = false;
  SteadyTime ending_since_;
  bool spoilt_ = false;  // by the client: the reply is what it is by now
  bool lost_ = false;    // the reply can't be made whole
  bool over_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP1_CLIENT_H_
