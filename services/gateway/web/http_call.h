// A call by HTTP: how its request becomes that of a gRPC call, and how a whole reply is sent. What
// becomes of a gRPC reply, derived classes say: one JSON text (json_call.h), a stream of these
// (stream_call.h) or a file (file_call.h).

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_HTTP_CALL_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_HTTP_CALL_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "services/gateway/web/adaptor.h"
#include "services/gateway/web/grpc_status.h"
#include "services/gateway/web/http_request.h"

namespace baliprocess::gateway {

class HttpCall : public Adaptor {
 public:
  void Begin(bool end) final;
  void OnRequestData(std::string_view bytes) final;
  void OnRequestEnd() final;
  void Consume(size_t bytes) final;

 protected:
  // `head` is the client's.
  HttpCall(CallHost& host, ClientStream& client, RequestHead&& head, HttpRequest request,
           TextFields extra);

  const HttpRequest& request() const { return request_; }

  // The request's message, as it goes on. None comes of a request that is a stream of bytes.
  virtual void OnRequestMessage(const google::protobuf::Message&) {}
  // A message of the reply has come, whole.
  virtual void OnReply(const google::protobuf::Message& reply) = 0;
  // Bytes of the reply that the derived class keeps.
  virtual size_t kept() const { return 0; }
  // The reply is over. After this nothing comes.
  virtual void OnStatus(const google::rpc::Status& status) = 0;

  // Sends the reply and ends it: packed if the client takes that and it is worth it; 304 without a
  // body if the client has what `etag` names; nothing but the head for HEAD. `etag` is empty where
  // there is none.
  void Finish(HttpReply reply, std::string_view etag);
  // By the HTTP status of the error's code, but for what HTTP has a status of its own for: 413 for
  // content that is too large (RFC 9110 15.5.14), and 412 when the caller has asked by `if-match`.
  void FinishWithError(const google::rpc::Status& status);

  // The reply is over, and what still comes of the call is passed over.
  bool finished() const { return finished_; }
  void set_finished() { finished_ = true; }

 private:
  void OnReplyHead(const TextFields&) override {}
  void OnReplyBytes(std::string_view bytes) final;
  void OnReplyEnd(const TextFields& trailers) final;
  // What the service sends can't be a reply.
  void OnBadReply(std::string_view what);

  // What is left of the request, at its end.
  void SendRest();
  // Makes the request's message of the head and the body, and charges the client for what that
  // takes beyond what a call brings.
  absl::Status ReadWhole(google::protobuf::Message& message);
  // Takes the content coding off the body.
  absl::Status UnpackBody();
  // Of a request that is a stream: its bytes go on in pieces.
  void SendPieces(bool end);
  void SendMessage(const google::protobuf::Message& message);
  void Credit();

  const HttpRequest request_;
  const size_t max_message_bytes_;
  const bool in_pieces_;  // the request is a stream of bytes
  std::string body_;      // of the request, as far as it waits here
  bool first_piece_ = true;
  bool request_whole_ = false;
  size_t owed_ = 0;          // bytes that have come and that the client isn't told of as gone on
  int64_t outstanding_ = 0;  // bytes that the call has and that haven't gone on
  std::string reply_;        // the beginning of a message
  uint64_t replies_ = 0;     // messages that have come
  std::unique_ptr<google::protobuf::Message> message_;  // of the reply
  std::string position_;  // of the reply (base/position_header.h), once it is over
  bool finished_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_HTTP_CALL_H_
