// A call of one message each way: JSON there and back.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_JSON_CALL_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_JSON_CALL_H_

#include <string>
#include <utility>

#include "services/gateway/web/http_call.h"

namespace baliprocess::gateway {

class JsonCall final : public HttpCall {
 public:
  JsonCall(CallHost& host, ClientStream& client, RequestHead&& head, HttpRequest request,
           TextFields extra)
      : HttpCall(host, client, std::move(head), std::move(request), std::move(extra)) {}

 private:
  // Held until the status is known: HTTP tells it first.
  void OnReply(const google::protobuf::Message& reply) override;
  void OnStatus(const google::rpc::Status& status) override;

  size_t kept() const override { return held_.body.size(); }

  HttpReply held_;
  std::string etag_;  // of the resource that is the reply
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_JSON_CALL_H_
