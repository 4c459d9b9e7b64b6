// gRPC-Web (PROTOCOL-WEB.md of gRPC): gRPC for browsers, which can't read trailers. The bytes are
// gRPC's, as they are (application/grpc-web) or in base64 (application/grpc-web-text); the trailers
// come as a last frame behind the messages.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_GRPC_WEB_CALL_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_GRPC_WEB_CALL_H_

#include <string>
#include <string_view>

#include "services/gateway/web/adaptor.h"
#include "services/gateway/web/base64_reader.h"

namespace baliprocess::gateway {

// Whether a content type is gRPC-Web's, of messages of Protocol Buffers.
bool IsGrpcWeb(std::string_view content_type);

class GrpcWebCall final : public Adaptor {
 public:
  // `head` is the client's: a POST with a content type of gRPC-Web.
  GrpcWebCall(CallHost& host, ClientStream& client, RequestHead&& head, TextFields extra);

  void Begin(bool end) override;
  void OnRequestData(std::string_view bytes) override;
  void OnRequestEnd() override;
  void Consume(size_t bytes) override;

 private:
  struct Form;  // of the request and of its reply
  GrpcWebCall(CallHost& host, ClientStream& client, RequestHead&& head, TextFields extra,
              const Form& form);

  void OnReplyHead(const TextFields& fields) override;
  void OnReplyBytes(std::string_view bytes) override;
  void OnReplyEnd(const TextFields& trailers) override;
  void Send(std::string_view bytes);

  const bool request_is_text_;
  const bool reply_is_text_;
  Base64Reader base64_;           // of the request
  size_t unconsumed_thirds_ = 0;  // of characters that have gone on as bytes
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_GRPC_WEB_CALL_H_
