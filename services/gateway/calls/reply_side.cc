// Call from the service to the client.

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/errors.h"
#include "services/gateway/calls/call.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/header_rules.h"
#include "services/gateway/calls/refusal.h"
#include "services/gateway/net/http2_session.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/work.h"

namespace baliprocess::gateway {
namespace {

// Values of grpc-status.
constexpr int kCancelled = 1;
constexpr int kUnavailable = 14;

// Whether the service failed, and not the call. gRPC's servers say CANCELLED of what comes while
// they shut down. (The gateway cancels calls too, but doesn't listen to these any more.)
bool IsServicesFault(int grpc_status) {
  return grpc_status == kUnavailable || grpc_status == kCancelled;
}

int ToNumber(std::string_view text) {
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void Call::AddReplyField(const ReceivedField& field) {
  if (deaf()) return;
  HeaderBlock& block = head_come_ ? trailers_ : reply_fields_;
  if (field.name.starts_with(':')) {
    if (field.name == ":status") http_status_ = ToNumber(field.value);
    return block.Add(field);
  }
  // The gateway takes nothing compressed, whatever the service would take.
  if (field.name == "grpc-accept-encoding") return;
  if (field.name == "grpc-status") grpc_status_ = ToNumber(Trimmed(field.value));
  AddIfFit(block, field);
}

// Not that of a proxy before the service.
bool Call::IsReplyOfGrpc() const {
  const bool typed = reply_fields_.Find("content-type").starts_with("application/grpc");
  return grpc_status_ >= 0 || (http_status_ == 200 && typed);
}

void Call::OnReplyHeaders(bool end) {
  if (deaf()) return;
  if (head_come_) {  // these are the trailers
    if (end) OnReplyEnd();
    return;
  }
  if (http_status_ < 200) return reply_fields_.Clear();  // an interim response
  if (server_->last_read() >= deadline_) return OnTimer();
  head_come_ = true;
  if (!IsReplyOfGrpc()) return Refuse(StatusOfHttp(std::exchange(http_status_, 200)));
  if (end && WasLeftUndone(reply_fields_)) return;
  reply_.ended = end;
  if (end || !HoldHead()) StartReply(!end);
}

// Whether the call failed for the service's sake, so that it is made again, or the client is told
// to come again. CANCELLED without details is what gRPC's own server says; a service gives details.
bool Call::WasLeftUndone(const HeaderBlock& last) {
  if (!IsServicesFault(grpc_status_)) return false;
  if (Repeat(Failure::kUnavailable)) return true;
  const bool by_grpc = last.Find("grpc-status-details-bin").empty();
  if (grpc_status_ != kCancelled || !by_grpc || reply_started_) return false;
  Refuse(ComeAgain("the service ended before it answered"));
  return true;
}

// From here on the reply is the client's, whatever becomes of it.
void Call::StartReply(bool with_body) {
  head_by_ = SteadyTime::max();
  LetGoOfRequest();
  std::vector<nghttp2_nv>& fields = host_.fields();
  reply_fields_.AppendTo(fields);
  if (attempts_ > 1) {
    fields.push_back(CopiedField("grpc-previous-rpc-attempts", previous_attempts_));
  }
  SubmitReplyHeaders(fields, with_body);
}

void Call::SubmitReplyHeaders(const std::vector<nghttp2_nv>& fields, bool with_body) {
  reply_started_ = true;
  client_->SendHead(fields, with_body ? &reply_ : nullptr);
}

int64_t Call::Unread() const {
  constexpr int64_t kCall = 4096;  // and its stream
  const int64_t rest = route_->unary ? reply_meter_.left() : 0;
  const auto here = static_cast<int64_t>(reply_.bytes.size());
  return here + rest == 0 ? 0 : kCall + here + rest;
}

bool Call::CountUnread() {
  const int64_t more = Unread() - unread_;
  if (more > 0 && !peer_->unread_bytes().Take(more)) return false;
  if (more < 0) peer_->unread_bytes().Give(-more);
  unread_ += more;
  return true;
}

void Call::EndUnread() {
  reply_.bytes.Clear();
  client_->Charge(Work::kUnreadReply);
  Refuse(Overloaded("too many replies that aren't read"));
}

void Call::OnReplyData(std::string_view bytes) {
  if (deaf() || !head_come_) return;
  if (!reply_started_) StartReply(true);
  constexpr int64_t kSmall = 5 << 10;  // is counted when it is here for a while (OnTick)
  reply_.total += bytes.size();
  reply_meter_.Pass(bytes, UINT32_MAX);
  reply_.bytes.Append(bytes);
  if (Unread() > kSmall && !CountUnread()) return EndUnread();
  ResumeReply();
}

void Call::OnReplyEnd() {
  if (deaf() || !head_come_) return;
  if (WasLeftUndone(trailers_)) return;
  if (!reply_started_) StartReply(true);
  reply_.ended = true;
  ResumeReply();
}

// The service's stream is over; when the reply isn't complete, its error code says why.
void Call::OnServerClosed(uint32_t error_code) {
  server_ = nullptr;
  const bool whole = (reply_.ended || between_tries_) && grpc_status_ >= 0;
  if (trace_) {
    trace_->EndAttempt(whole ? grpc_status_ : static_cast<int>(StatusOfReset(error_code).code()));
  }
  if (server_left_ || reply_.ended) return;
  if (between_tries_) return WaitToRepeat();
  if (error_code == NGHTTP2_CANCEL && SteadyNow() >= deadline_) return OnTimer();
  if (error_code == NGHTTP2_REFUSED_STREAM && Repeat(Failure::kUnprocessed)) return;
  Refuse(StatusOfReset(error_code));
}

void Call::OnServerLost(bool unseen) {
  server_ = nullptr;
  if (trace_) trace_->EndAttempt(static_cast<int>(absl::StatusCode::kUnavailable));
  if (server_left_ || reply_.ended) return;
  if (between_tries_) return WaitToRepeat();
  if (Repeat(unseen ? Failure::kUnprocessed : Failure::kLost)) return;
  Refuse(ComeAgain("the connection to the service was lost"));
}

ssize_t Call::ReplyFlow::Read(size_t length, uint32_t* flags) {
  constexpr size_t kTiny = 1024;
  const size_t size = std::min(length, bytes.size());
  if (length < kTiny && length < bytes.size()) call.client_->Charge(Work::kTinyWindow);
  if (size == 0 && (!ended || call.reset_by_gateway_)) {
    deferred = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  if (size > 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (ended && size == bytes.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (call.local_ || call.refusal_ || !call.trailers_.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      call.SubmitTrailers();
    }
  }
  return static_cast<ssize_t>(size);
}

void Call::SubmitTrailers() {
  if (refusal_) return SendRefusalTrailers(*client_, *refusal_);
  std::vector<nghttp2_nv>& fields = host_.fields();
  if (local_) {
    fields.push_back(SharedField("grpc-status", "0"));
  } else {
    trailers_.AppendTo(fields);
  }
  client_->SendTrailers(fields);
}

void Call::ReplyFlow::Move(size_t size, std::string& out) {
  out.append(bytes.front().substr(0, size));
  bytes.Pop(size);
  call.reader_.Moved(size);
  if (call.unread_ > 0) call.CountUnread();
  if (call.client_ != nullptr) call.client_->Earn(static_cast<double>(size) * Work::kMovedByte);
  Http2Session* const server = call.server_;
  if (call.server_left_ || server == nullptr) return;
  nghttp2_session_consume_stream(server->session(), call.server_stream_, size);
  server->Touch();
}

void Call::ReplyLocally(std::string_view message, bool last) {
  if (over()) return;
  const auto size = static_cast<uint32_t>(message.size());
  const char prefix[5] = {0, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                          static_cast<char>(size >> 8), static_cast<char>(size)};
  reply_.bytes.Append({prefix, sizeof(prefix)});
  reply_.bytes.Append(message);
  reply_.total += sizeof(prefix) + size;
  reply_.ended = last;
  grpc_status_ = 0;
  if (reply_started_) return ResumeReply();
  std::vector<nghttp2_nv>& fields = host_.fields();
  fields.push_back(SharedField(":status", "200"));
  fields.push_back(SharedField("content-type", "application/grpc"));
  SubmitReplyHeaders(fields, true);
}

}  // namespace baliprocess::gateway
