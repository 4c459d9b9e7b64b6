// A call whose reply is a file, google.api.HttpBody in pieces: sent as its own media type.
//
// When the service says how large the file is and what its SHA-256 is (an extension of the first
// message with `size_bytes` and `sha256`, as Document.Content), the reply has its length, its
// entity tag, and ranges if the request has an `offset`. Who gives that `offset` itself gets the
// rest of the file, and of the rest the length alone. A file that isn't large is measured here.
// Only what is larger and unknown goes out without a length and an entity tag.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_FILE_CALL_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_FILE_CALL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "services/gateway/web/http_call.h"

namespace baliprocess::gateway {

class FileCall final : public HttpCall {
 public:
  FileCall(CallHost& host, ClientStream& client, RequestHead&& head, HttpRequest request,
           TextFields extra);

 private:
  // What the service says of the file.
  struct Facts {
    int64_t size = 0;
    std::string sha256;
  };
  static std::optional<Facts> FactsIn(const google::protobuf::Message& reply);

  void OnRequestMessage(const google::protobuf::Message& message) override;
  void OnReply(const google::protobuf::Message& reply) override;
  void OnStatus(const google::rpc::Status& status) override;
  size_t kept() const override { return held_.size(); }

  // The fields of every reply that has the file.
  TextFields FileFields() const;
  void SendKnownHead(const Facts& facts);
  // 416 (RFC 9110 15.5.17); `size` is the whole's, when it is known.
  void FinishOutOfRange(const google::rpc::Status& status, std::optional<int64_t> size);
  void SendPart(const std::string& data);

  const std::optional<ByteRange> range_;  // that was asked for and that the service can begin at
  int64_t offset_ = 0;                    // where the service is asked to begin
  std::string type_;
  std::string held_;  // as long as the head isn't sent
  bool begun_ = false;
  bool head_sent_ = false;
  int64_t left_ = -1;  // bytes that are still to be sent; negative: all that come
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_FILE_CALL_H_
