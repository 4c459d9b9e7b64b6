#include "services/gateway/web/http_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/api/httpbody.pb.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/position_header.h"
#include "services/gateway/net/work.h"
#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/transcoding/json_request.h"
#include "services/gateway/web/gzip.h"
#include "services/gateway/web/media.h"

namespace baliprocess::gateway {
namespace {

// The prefix of a message (PROTOCOL-HTTP2.md of gRPC): a flag, and four bytes of length.
constexpr size_t kPrefix = 5;

// The largest message of a reply. Services of ours send 4 MiB at most.
constexpr size_t kMostReply = 16 << 20;

// Pieces of a request that is a stream of bytes: each is durable before the next is taken.
constexpr size_t kPiece = 256 << 10;

// From here on a reply is worth packing.
constexpr size_t kWorthPacking = 1024;

RequestHead GrpcHead(RequestHead&& head, const Binding& binding) {
  head.BecomeGrpc(PathOf(*binding.method));
  return std::move(head);
}

uint32_t LengthIn(std::string_view prefix) {
  uint32_t length = 0;
  for (size_t i = 1; i < kPrefix; ++i) length = length << 8 | static_cast<uint8_t>(prefix[i]);
  return length;
}

// Of the google.api.HttpBody that is the request, or its field.
void SetData(const Binding& binding, const std::string& data, google::protobuf::Message& request) {
  auto* body = binding.body_field == nullptr
                   ? &request
                   : request.GetReflection()->MutableMessage(&request, binding.body_field);
  const auto* field =
      body->GetDescriptor()->FindFieldByNumber(google::api::HttpBody::kDataFieldNumber);
  body->GetReflection()->SetString(body, field, data);
}

// Whether the request is too large, and not its reply: of a batch the error tells what `fits` in
// one (errors.proto).
bool BlamesRequestSize(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (!detail.UnpackTo(&info)) continue;
    const bool too_large = info.reason() == api::v1::Error::Reason_Name(api::v1::Error::TOO_LARGE);
    return too_large && !info.metadata().contains("fits");
  }
  return false;
}

// A reply, and the type of a file. A stream of others may be empty.
bool NeedsMessage(const Binding& binding) {
  return !binding.method->server_streaming() || RepliesHttpBody(binding);
}

bool IsPackable(std::string_view content_type) {
  const std::string type = MediaTypeOf(content_type);
  return type.starts_with("text/") || type == "application/json" || type == "application/xml";
}

}  // namespace

HttpCall::HttpCall(CallHost& host, ClientStream& client, RequestHead&& head, HttpRequest request,
                   TextFields extra)
    : Adaptor(host, client, GrpcHead(std::move(head), request.binding()), std::move(extra)),
      request_(std::move(request)),
      max_message_bytes_(host.options().limits.max_message_bytes),
      in_pieces_(request_.binding().method->client_streaming() &&
                 TakesHttpBody(request_.binding())) {}

// The call has a message, even when the request has no body.
void HttpCall::Begin(bool end) {
  call().Begin(false);
  if (end) return OnRequestEnd();
  if (in_pieces_) call().AwaitPart();
}

void HttpCall::OnRequestData(std::string_view bytes) {
  if (call().over()) return;
  body_.append(bytes);
  owed_ += bytes.size();
  if (in_pieces_) SendPieces(false);
  call().CountHeld(body_.size());
  if (call().over()) std::string().swap(body_);
  Credit();
}

// A call that is over learns of its request's end too: else it would take the client for one that
// still sends.
void HttpCall::OnRequestEnd() {
  request_whole_ = true;
  if (!call().over()) SendRest();
  call().OnRequestEnd();
}

void HttpCall::SendRest() {
  if (in_pieces_) return SendPieces(true);
  const auto message = NewRequest(request_.binding());
  const absl::Status status = call().MayRead() ? ReadWhole(*message) : absl::OkStatus();
  std::string().swap(body_);
  if (!status.ok()) return call().Refuse(status);
  if (call().over()) return;
  OnRequestMessage(*message);
  SendMessage(*message);
}

// Some kilobytes may unpack to megabytes, and all of a body was read in vain when its end is wrong.
absl::Status HttpCall::ReadWhole(google::protobuf::Message& message) {
  const absl::Status unpacked = request_.is_packed() ? UnpackBody() : absl::OkStatus();
  if (!unpacked.ok()) {
    Charge(Work::kRefusedCall);
    return unpacked;
  }
  call().CountReading(body_.size());
  const absl::Status status = FillRequest(request_, body_, message);
  if (status.ok()) return status;
  constexpr size_t kParameter = 32;  // besides its bytes
  size_t size = body_.size();
  for (const QueryParameter& one : request_.query) {
    size += kParameter + one.name.size() + one.value.size();
  }
  Charge(Work::kRefusedCall + static_cast<double>(size) * Work::kReadByte);
  return status;
}

absl::Status HttpCall::UnpackBody() {
  const size_t usual = Work::kUsualPacking * body_.size();
  absl::StatusOr<std::string> unpacked = Gunzip(body_, max_message_bytes_);
  const bool too_large = ReasonOf(unpacked.status()) == api::v1::Error::TOO_LARGE;
  const size_t size = too_large ? max_message_bytes_ : unpacked.ok() ? unpacked->size() : 0;
  const double excess = size > usual ? static_cast<double>(size - usual) : 0;
  if (!Charge(excess * Work::kUnpackedByte)) {
    return Error(api::v1::Error::OVERLOADED, "the request's body unpacks to too much");
  }
  if (!unpacked.ok()) return unpacked.status();
  body_ = *std::move(unpacked);
  return absl::OkStatus();
}

void HttpCall::SendPieces(bool end) {
  while (body_.size() >= kPiece || (end && (first_piece_ || !body_.empty()))) {
    const std::string piece = body_.substr(0, kPiece);
    body_.erase(0, piece.size());
    const auto message = NewRequest(request_.binding());
    // What isn't the body, and the body's type, belong to the first message alone.
    if (std::exchange(first_piece_, false)) {
      const absl::Status status = FillRequest(request_, piece, *message);
      if (!status.ok()) return call().Refuse(status);
    } else {
      SetData(request_.binding(), piece, *message);
    }
    SendMessage(*message);
    if (call().over()) return;
  }
}

void HttpCall::SendMessage(const google::protobuf::Message& message) {
  std::string bytes(kPrefix, '\0');
  message.AppendToString(&bytes);
  const auto size = static_cast<uint32_t>(bytes.size() - kPrefix);
  for (size_t i = 1; i < kPrefix; ++i) {
    bytes[i] = static_cast<char>(size >> (8 * (kPrefix - 1 - i)));
  }
  outstanding_ += static_cast<int64_t>(bytes.size());
  call().OnRequestData(bytes);
}

void HttpCall::Consume(size_t bytes) {
  outstanding_ -= static_cast<int64_t>(bytes);
  Credit();
}

// A request in pieces waits for what went on before, and not at the client's expense; any other is
// held here until it is whole, and counted.
void HttpCall::Credit() {
  if (in_pieces_ && outstanding_ > 0) return;
  if (owed_ > 0) Adaptor::Consume(std::exchange(owed_, 0));
  if (in_pieces_ && !request_whole_) call().AwaitPart();
}

void HttpCall::OnReplyBytes(std::string_view bytes) {
  if (finished_) return;
  reply_.append(bytes);
  size_t done = 0;
  while (!finished_ && reply_.size() - done >= kPrefix) {
    const std::string_view rest = std::string_view(reply_).substr(done);
    const size_t size = LengthIn(rest);
    // No encoding was offered to the service.
    if (rest[0] != 0) return OnBadReply("the service's reply is compressed, or no message");
    if (size > kMostReply) return OnBadReply("the service's reply is too large");
    if (rest.size() < kPrefix + size) break;
    if (replies_ == 1 && !request_.binding().method->server_streaming()) {
      return OnBadReply("the service's reply is more than one message");
    }
    if (!message_) message_ = NewReply(request_.binding());
    if (!message_->ParseFromArray(rest.data() + kPrefix, static_cast<int>(size))) {
      return OnBadReply("the service's reply can't be read");
    }
    ++replies_;
    OnReply(*message_);
    done += kPrefix + size;
  }
  reply_.erase(0, done);
  Hold(finished_ ? 0 : reply_.size() + kept());
}

// The head may have gone to the client: the derived class knows what can still be said.
void HttpCall::OnBadReply(std::string_view what) {
  std::string().swap(reply_);
  OnStatus(ToRpcStatus(Error(api::v1::Error::INTERNAL_ERROR, what)));
  Hold(0);
}

// An end that says OK behind half a message, or behind none where there must be one, is none.
void HttpCall::OnReplyEnd(const TextFields& trailers) {
  if (finished_) return;
  position_ = FindField(trailers, kPositionHeader);
  const google::rpc::Status status = StatusOf(trailers);
  if (status.code() == 0 && !reply_.empty()) {
    return OnBadReply("the service's reply ends within a message");
  }
  if (status.code() == 0 && replies_ == 0 && NeedsMessage(request_.binding())) {
    return OnBadReply("the service's reply has no message");
  }
  OnStatus(status);
}

void HttpCall::Finish(HttpReply reply, std::string_view etag) {
  set_finished();
  Hold(0);
  TextFields& fields = reply.fields;
  const std::string type(FindField(fields, "content-type"));
  const bool packable = IsPackable(type) && reply.body.size() >= kWorthPacking;
  if (packable) fields.emplace_back("vary", "accept-encoding");
  bool packed = false;
  const bool known = request_.Knows(etag);
  if (known) {
    reply.http_status = 304;
    reply.body.clear();
  } else if (packable && AcceptsGzip(request_.accept_encoding)) {
    if (auto gzip = Gzip(reply.body)) {
      reply.body = *std::move(gzip);
      fields.emplace_back("content-encoding", "gzip");
      packed = true;
    }
  }
  // Packed bytes aren't the ones that a strong entity tag names (RFC 9110 8.8.3).
  if (!etag.empty())
    fields.emplace_back("etag", absl::StrCat(packed ? "W/" : "", "\"", std::string(etag), "\""));
  if (!known) fields.emplace_back("content-length", std::to_string(reply.body.size()));
  if (!position_.empty()) fields.emplace_back(kPositionHeader, position_);
  const bool with_body = !reply.body.empty() && !request_.is_head;
  SendHeadToClient(reply.http_status, fields, with_body);
  if (!with_body) return;
  SendToClient(reply.body);
  EndToClient();
}

void HttpCall::FinishWithError(const google::rpc::Status& status) {
  HttpReply reply = ErrorReply(status);
  const ErrorReason reason = ReasonOf(FromRpcStatus(status));
  const bool asked = request_.if_match || request_.if_none_match;
  if (reason == api::v1::Error::ETAG_MISMATCH && asked) reply.http_status = 412;
  const bool has_content = request_.binding().body != Binding::Body::kNone;
  if (has_content && BlamesRequestSize(status)) reply.http_status = 413;
  // It is the request that took too long (RFC 9110 15.5.9).
  if (reply.http_status == 504 && !request_whole_) reply.http_status = 408;
  Finish(std::move(reply), {});
}

}  // namespace baliprocess::gateway
