#include "services/gateway/web/grpc_web_call.h"

#include <utility>

#include "absl/strings/escaping.h"

#include "common/base/errors.h"

namespace baliprocess::gateway {
namespace {

constexpr std::string_view kText = "application/grpc-web-text";
constexpr std::string_view kBinary = "application/grpc-web";

// The type without its parameters.
std::string_view TypeOf(std::string_view content_type) {
  return content_type.substr(0, content_type.find_first_of("; \t"));
}

bool IsText(std::string_view content_type) { return TypeOf(content_type).starts_with(kText); }

RequestHead GrpcHead(RequestHead&& head) {
  head.BecomeGrpc(head.path());
  return std::move(head);
}

// The reply's form is the one that the client asks for, or else that of its request.
bool WantsText(const RequestHead& head) {
  const std::string_view accept = head.Find("accept");
  return IsGrpcWeb(accept) ? IsText(accept) : IsText(head.content_type());
}

}  // namespace

struct GrpcWebCall::Form {
  explicit Form(const RequestHead& head)
      : request_is_text(IsText(head.content_type())), reply_is_text(WantsText(head)) {}
  bool request_is_text;
  bool reply_is_text;
};

bool IsGrpcWeb(std::string_view content_type) {
  std::string_view type = TypeOf(content_type);
  if (!type.starts_with(kBinary)) return false;
  type.remove_prefix((type.starts_with(kText) ? kText : kBinary).size());
  return type.empty() || type == "+proto";
}

GrpcWebCall::GrpcWebCall(CallHost& host, ClientStream& client, RequestHead&& head, TextFields extra,
                         const Form& form)
    : Adaptor(host, client, GrpcHead(std::move(head)), std::move(extra)),
      request_is_text_(form.request_is_text),
      reply_is_text_(form.reply_is_text) {}

GrpcWebCall::GrpcWebCall(CallHost& host, ClientStream& client, RequestHead&& head, TextFields extra)
    : GrpcWebCall(host, client, std::move(head), std::move(extra), Form(head)) {}

void GrpcWebCall::Begin(bool end) { call().Begin(end); }

void GrpcWebCall::OnRequestData(std::string_view bytes) {
  if (!request_is_text_) return call().OnRequestData(bytes);
  std::string decoded;
  if (base64_.Read(bytes, decoded)) return call().OnRequestData(decoded);
  call().Refuse(Error(api::v1::Error::MALFORMED_REQUEST, "the request isn't base64"));
}

void GrpcWebCall::OnRequestEnd() {
  if (!base64_.whole()) {
    call().Refuse(Error(api::v1::Error::MALFORMED_REQUEST, "the request ends within base64"));
  }
  call().OnRequestEnd();
}

void GrpcWebCall::Consume(size_t bytes) {
  if (!request_is_text_) return Adaptor::Consume(bytes);
  unconsumed_thirds_ += 4 * bytes;
  Adaptor::Consume(std::exchange(unconsumed_thirds_, unconsumed_thirds_ % 3) / 3);
}

void GrpcWebCall::OnReplyHead(const TextFields& fields) {
  TextFields sent = {{"content-type", std::string(reply_is_text_ ? kText : kBinary) + "+proto"}};
  for (const auto& [name, value] : fields) {
    // A length is that of the messages, and behind them come the trailers.
    const bool ours = name.starts_with(':') || name == "content-type" || name == "content-length" ||
                      name == "grpc-status" || name == "grpc-message" ||
                      name == "grpc-status-details-bin";
    if (!ours) sent.emplace_back(name, value);
  }
  SendHeadToClient(200, sent);
}

void GrpcWebCall::OnReplyBytes(std::string_view bytes) { Send(bytes); }

// Also of a reply that is nothing but a head: browsers let a page see fields of a head only when
// CORS names them.
void GrpcWebCall::OnReplyEnd(const TextFields& trailers) {
  std::string text;
  for (const auto& [name, value] : trailers) {
    if (name.starts_with(':') || name == "content-type") continue;
    text.append(name).append(": ").append(value).append("\r\n");
  }
  const auto size = static_cast<uint32_t>(text.size());
  std::string frame = {static_cast<char>(0x80), static_cast<char>(size >> 24),
                       static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                       static_cast<char>(size)};
  Send(frame.append(text));
  EndToClient();
}

void GrpcWebCall::Send(std::string_view bytes) {
  if (!reply_is_text_) return SendToClient(bytes);
  SendToClient(absl::Base64Escape(absl::string_view(bytes.data(), bytes.size())));
}

}  // namespace baliprocess::gateway
