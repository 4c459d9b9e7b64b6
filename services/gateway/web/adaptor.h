// What stands between a client that doesn't speak gRPC and a gRPC call: an exchange towards the
// client, and the client's stream towards the call. All that is judged of a call (who may make it,
// limits, deadlines, what becomes of a service that fails) is judged there, once for all forms.
//
// Derived classes say how a request becomes a gRPC message, and what is made of the reply.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_ADAPTOR_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_ADAPTOR_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "services/gateway/calls/call.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/client_stream.h"
#include "services/gateway/calls/exchange.h"
#include "services/gateway/calls/reader_progress.h"
#include "services/gateway/net/bytes.h"
#include "services/gateway/web/text_fields.h"

namespace baliprocess::gateway {

class Adaptor : public Exchange, public ClientStream, private Body {
 public:
  // Of an exchange.
  void OnDrain() override { call_->OnDrain(); }
  void OnTick(SteadyTime now) override;
  void OnReplySent() override;
  void OnClientClosed() override;
  bool served() const override { return call_->served(); }
  bool IsAtDeadline(SteadyTime now) const override { return call_->IsAtDeadline(now); }
  SteadyTime::duration timeout() const override { return call_->timeout(); }

  // Of the stream that the call replies through.
  void SendHead(const std::vector<nghttp2_nv>& fields, Body* body) final;
  void SendTrailers(const std::vector<nghttp2_nv>& fields) final;
  void Resume() final;
  void Consume(size_t bytes) override { client_->Consume(bytes); }
  void Reset(uint32_t error_code) final { client_->Reset(error_code); }
  bool Charge(double work) final { return client_->Charge(work); }
  void Earn(double work) final { client_->Earn(work); }
  SteadyTime last_read() const final { return client_->last_read(); }
  Load& load() final { return client_->load(); }
  const std::shared_ptr<Peer>& connected() const final { return client_->peer(); }

 protected:
  // The arguments must outlive the adaptor, but for `client`, which lives until OnClientClosed.
  // `head` is that of the gRPC call; `extra` are fields that every reply has (web/cors.h).
  Adaptor(CallHost& host, ClientStream& client, RequestHead head, TextFields extra);

  Call& call() { return *call_; }

  // What comes of the call, in this order: a head; bytes, if any, as they come; the trailers, which
  // are the head's fields when that was all.
  virtual void OnReplyHead(const TextFields& fields) = 0;
  virtual void OnReplyBytes(std::string_view bytes) = 0;
  virtual void OnReplyEnd(const TextFields& trailers) = 0;

  // What goes to the client: once a head, with the fields that it needs besides `:status`; then
  // bytes; then the end.
  void SendHeadToClient(int http_status, const TextFields& fields, bool with_body = true);
  void SendToClient(std::string_view bytes);
  void EndToClient();

  // Has so many bytes of the reply counted that wait here in another place than on the way to the
  // client. False: there are too many, and the client was reset.
  bool Hold(size_t bytes);

 private:
  // Of the body that goes to the client.
  ssize_t Read(size_t length, uint32_t* flags) override;
  void Move(size_t size, std::string& out) override;

  // Takes what there is of the call's reply, unless much waits for the client already.
  void Pull();
  void ResumeClient();
  bool CountUnread();
  bool TakePlace();
  void GiveUp(uint32_t error_code);

  CallHost& host_;
  const TextFields extra_;
  ClientStream* client_;
  const std::shared_ptr<Peer> peer_;
  const boost::intrusive_ptr<Call> call_;
  Body* source_ = nullptr;  // of the call's reply
  TextFields trailers_;     // of the call's reply
  ByteQueue out_;           // on its way to the client
  size_t held_ = 0;
  int64_t counted_ = 0;  // among the unread bytes of the peer
  ReaderProgress reader_;
  bool place_ = false;  // among the calls of the peer, besides that of the call
  bool pulling_ = false;
  bool out_ended_ = false;
  bool deferred_ = false;  // the client's stream waits to be told that there is more
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_ADAPTOR_H_
