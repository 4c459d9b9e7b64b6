// A call whose reply is a stream of messages: a line of JSON each (NDJSON), or an event each for
// who accepts `text/event-stream` (server-sent events, of the HTML standard).
//
// An error before the first message is a reply like any other error. Later it is the last element
// of the stream: a line {"error": {...}}, or an event `error`. The `id` of an event is the
// resume_token of its message: who comes back with it as `last-event-id` goes on from there.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_STREAM_CALL_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_STREAM_CALL_H_

#include <string>
#include <utility>

#include "services/gateway/web/http_call.h"
#include "services/gateway/web/media.h"

namespace baliprocess::gateway {

class StreamCall final : public HttpCall {
 public:
  StreamCall(CallHost& host, ClientStream& client, RequestHead&& head, HttpRequest request,
             TextFields extra);

  void OnTick(SteadyTime now) override;

 private:
  void OnReplyHead(const TextFields& fields) override;
  void OnReply(const google::protobuf::Message& reply) override;
  void OnStatus(const google::rpc::Status& status) override;

  void SendHeadOnce();
  void SendElement(const std::string& element);

  const bool events_;
  bool accepted_ = false;  // the service has begun to reply
  bool head_sent_ = false;
  SteadyTime last_sent_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_STREAM_CALL_H_
