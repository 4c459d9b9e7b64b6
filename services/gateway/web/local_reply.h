// An exchange that the gateway answers itself, with what is known when the request's head has come:
// a page, an error of HTTP, an answer to OPTIONS.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_LOCAL_REPLY_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_LOCAL_REPLY_H_

#include <memory>
#include <string>
#include <string_view>

#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/client_stream.h"
#include "services/gateway/calls/exchange.h"
#include "services/gateway/calls/reader_progress.h"
#include "services/gateway/web/reply_bytes.h"
#include "services/gateway/web/text_fields.h"

namespace baliprocess::gateway {

// What is answered.
struct LocalAnswer {
  int http_status = 200;
  TextFields fields;                  // besides `content-length`, which is written for the body
  std::unique_ptr<ReplyBytes> body;   // null: there is none
  bool head_only = false;             // to HEAD: the body is only measured
  std::string_view page = "unknown";  // its path, for logs; lives as long as the program
};

class LocalReply final : public Exchange, private Body {
 public:
  LocalReply(CallHost& host, ClientStream& client, LocalAnswer answer);

  void Begin(bool end) override;
  void OnRequestData(std::string_view bytes) override;
  void OnRequestEnd() override { request_ended_ = true; }
  void OnDrain() override {}
  void OnTick(SteadyTime now) override;
  void OnReplySent() override;
  void OnClientClosed() override;
  bool served() const override { return reply_sent_ && answer_.http_status < 400; }
  bool IsAtDeadline(SteadyTime) const override { return false; }
  SteadyTime::duration timeout() const override { return SteadyTime::duration::max(); }

 private:
  // In work (net/work.h): pages cost as much as messages of their size give back.
  double Cost() const;
  void GiveUp(uint32_t error_code);
  ssize_t Read(size_t length, uint32_t* flags) override;
  void Move(size_t size, std::string& out) override;

  CallHost& host_;
  ClientStream* client_;
  const std::shared_ptr<Peer> peer_;
  const LocalAnswer answer_;
  const SteadyTime start_;
  ReaderProgress reader_;
  std::string piece_;  // of the body, on its way
  size_t sent_ = 0;
  bool place_ = false;  // among the calls of the peer
  bool request_ended_ = false;
  bool reply_sent_ = false;
  bool unread_ = false;  // the client doesn't take the reply
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_LOCAL_REPLY_H_
