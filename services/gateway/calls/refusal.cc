#include "services/gateway/calls/refusal.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/net/http_date.h"

namespace baliprocess::gateway {
namespace {

// When a caller may come again whom a service can't answer at present.
constexpr absl::Duration kComeAgain = absl::Seconds(1);

// Binary metadata is base64 without padding.
std::string Base64(const std::string& bytes) {
  std::string encoded = absl::Base64Escape(bytes);
  while (encoded.ends_with('=')) encoded.pop_back();
  return encoded;
}

// The fields of a status, as they are in trailers.
class StatusFields {
 public:
  explicit StatusFields(const absl::Status& status) {
    const google::rpc::Status details = ToRpcStatus(status);
    code_ = std::to_string(details.code());
    message_ = PercentEncode(details.message());
    names_encodings_ = ReasonOf(status) == api::v1::Error::UNSUPPORTED_CALL;
    if (details.details_size() > 0) details_ = Base64(details.SerializeAsString());
  }

  void AppendTo(std::vector<nghttp2_nv>& fields) const {
    if (names_encodings_) fields.push_back(CopiedField("grpc-accept-encoding", "identity"));
    fields.push_back(CopiedField("grpc-status", code_));
    if (!message_.empty()) fields.push_back(CopiedField("grpc-message", message_));
    if (!details_.empty()) fields.push_back(CopiedField("grpc-status-details-bin", details_));
  }

 private:
  std::string code_;
  std::string message_;
  std::string details_;
  bool names_encodings_;
};

}  // namespace

void SendRefusal(ClientStream& client, const absl::Status& status, int previous_attempts) {
  const StatusFields trailers(status);
  const std::string previous = std::to_string(previous_attempts);
  std::vector<nghttp2_nv> fields = {CopiedField(":status", "200"),
                                    CopiedField("content-type", "application/grpc")};
  if (previous_attempts > 0) fields.push_back(CopiedField("grpc-previous-rpc-attempts", previous));
  trailers.AppendTo(fields);
  client.SendHead(fields, nullptr);
}

void SendRefusalTrailers(ClientStream& client, const absl::Status& status) {
  const StatusFields trailers(status);
  std::vector<nghttp2_nv> fields;
  trailers.AppendTo(fields);
  client.SendTrailers(fields);
}

void SendHttpStatus(ClientStream& client, std::string_view http_status) {
  const std::string date = HttpDate(absl::Now());
  std::vector<nghttp2_nv> fields = {CopiedField(":status", http_status), CopiedField("date", date)};
  if (http_status == "405") fields.push_back(CopiedField("allow", "POST"));
  client.SendHead(fields, nullptr);
}

absl::Status StatusOfReset(uint32_t error_code) {
  switch (error_code) {
    case NGHTTP2_CANCEL:
      return absl::CancelledError("the service cancelled the call");
    case NGHTTP2_REFUSED_STREAM:
      return ComeAgain("the service takes no calls at present");
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return WithRetryAfter(Error(api::v1::Error::OVERLOADED, "the service has too many calls"),
                            kComeAgain);
    case NGHTTP2_INADEQUATE_SECURITY:
      return absl::PermissionDeniedError("the service asks for more security");
    default:
      return Error(api::v1::Error::INTERNAL_ERROR, "the service ended the call without a status");
  }
}

absl::Status StatusOfHttp(int http_status) {
  const std::string what =
      absl::StrCat("instead of the service another has answered, with HTTP status ", http_status);
  switch (http_status) {
    case 400:
      return Error(api::v1::Error::INTERNAL_ERROR, what);
    case 401:
      return absl::UnauthenticatedError(what);
    case 403:
      return absl::PermissionDeniedError(what);
    case 404:
      return absl::UnimplementedError(what);
    case 429:
    case 502:
    case 503:
    case 504:
      return ComeAgain(what);
    default:
      return absl::UnknownError(what);
  }
}

absl::Status ComeAgain(std::string_view why) {
  return WithRetryAfter(Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, why), kComeAgain);
}

absl::Status Unreachable() { return ComeAgain("the service can't be reached"); }

absl::Status GatewayClosing() {
  return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
               "the gateway is shutting down: resume elsewhere");
}

std::string PercentEncode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte <= 0x7e && c != '%') {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

}  // namespace baliprocess::gateway
