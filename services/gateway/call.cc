#include "services/gateway/call.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/gateway/downstream.h"
#include "services/gateway/event_loop.h"
#include "services/gateway/refusal.h"
#include "services/gateway/upstream.h"

namespace baliprocess::gateway {
namespace {

absl::Status Closing() {
  return Error(api::v1::TEMPORARILY_UNAVAILABLE, "the gateway is shutting down: resume elsewhere");
}

// Requests of methods that the gateway answers itself are tiny.
constexpr size_t kMaxLocalRequest = 4096;

// How long a client may take to read up to the trailers with which a reply was broken off.
constexpr absl::Duration kLinger = absl::Seconds(1);
constexpr auto kServiceGrace = std::chrono::milliseconds(50);

// The path as an error can carry it: in a string that must be UTF-8, in headers that are limited.
std::string_view Quotable(std::string_view path) {
  constexpr size_t kMaxQuoted = 256;
  const bool plain = path.size() <= kMaxQuoted && std::all_of(path.begin(), path.end(), [](char c) {
                       return c >= 0x20 && c <= 0x7e;
                     });
  return plain ? path : "(unprintable)";
}

}  // namespace

Call::Call(Downstream& client, int32_t stream_id)
    : loop_(client.loop()),
      client_(&client),
      client_stream_(stream_id),
      start_(client.last_read()),
      peer_(client.peer()) {}

void Call::AddRequestField(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags) {
  head_.Add(name, value, flags);
  if (head_.size() > loop_.options().limits.max_header_bytes) head_.Drop();
}

void Call::OnRequestHeaders(bool end) {
  request_.ended = end;
  if (head_.size() > loop_.options().limits.max_header_bytes) {
    return Refuse(Error(api::v1::TOO_LARGE, "the request's headers are too large"));
  }
  if (!CheckHttp()) return;
  if (const absl::Status status = Admit(); !status.ok()) return Refuse(status);
  StartDeadline();
  Dispatch();
}

bool Call::CheckHttp() {
  if (head_.method() != "POST") {
    http_status_ = 405;
  } else if (!head_.is_grpc()) {
    http_status_ = 415;
  } else {
    return true;
  }
  reply_started_ = reply_closed_ = true;
  SubmitHttpStatus(client_->session(), client_stream_, std::to_string(http_status_));
  client_->Touch();
  return false;
}

absl::Status Call::Admit() {
  route_ = loop_.shared().routes.Find(head_.path());
  if (route_ == nullptr) {
    return Error(api::v1::UNKNOWN_METHOD, "there is no such method",
                 {{"method", Quotable(head_.path())}});
  }
  if (route_->access != nullptr) {
    if (head_.authorized_twice()) {
      return Error(api::v1::TOKEN_INVALID, "the call has more than one authorization");
    }
    ASSIGN_OR_RETURN(const auth::Caller* caller,
                     loop_.admission().Admit(*route_->access, head_.authorization()));
    if (loop_.options().access_log) subject_ = caller->subject;
  }
  if (head_.bad_timeout()) {
    return Error(api::v1::MALFORMED_REQUEST, "grpc-timeout isn't a number and a unit");
  }
  return absl::OkStatus();
}

void Call::StartDeadline() {
  absl::Duration timeout = head_.timeout();
  if (timeout == absl::InfiniteDuration() && route_->unary) {
    timeout = loop_.options().default_deadline;
  }
  deadline_ = After(start_, timeout);
  if (deadline_ != SteadyTime::max()) Set(loop_.timers(), deadline_);
}

void Call::Dispatch() {
  local_ = route_->kind != Route::Kind::kForward;
  if (local_) {
    if (request_.ended) loop_.health().Answer(*this);
    return;
  }
  if (!route_->backend) {
    return Refuse(Error(api::v1::TEMPORARILY_UNAVAILABLE, "the service isn't part of this system"));
  }
  if (!route_->unary && loop_.shared().draining) return Refuse(Closing());
  loop_.backend(*route_->backend).Submit(*this);
  if (!WaitsForServer()) return;
  give_up_ = After(start_, loop_.options().connect_timeout);
  Set(loop_.timers(), std::min(deadline_, give_up_));
}

void Call::OnTimer() {
  if (WaitsForServer() && give_up_ < deadline_) {
    return Refuse(Error(api::v1::TEMPORARILY_UNAVAILABLE, "the service can't be reached"));
  }
  Refuse(Error(api::v1::DEADLINE_PASSED, "the deadline passed before the call was done"));
}

void Call::OnRequestData(std::string_view bytes) {
  if (reply_closed_ || server_left_) return;
  request_.total += bytes.size();
  if (!meter_.Pass(bytes, loop_.options().limits.max_message_bytes)) {
    return Refuse(Error(api::v1::TOO_LARGE, "the request's message is too large"));
  }
  request_.bytes.Append(bytes);
  if (server_ != nullptr) Resume(request_, server_->session(), server_stream_);
  if (local_ && request_.bytes.size() > kMaxLocalRequest) {
    Refuse(Error(api::v1::TOO_LARGE, "the request is too large"));
  }
}

void Call::OnRequestEnd() {
  request_.ended = true;
  if (reply_closed_ || server_left_) return;
  if (server_ != nullptr) Resume(request_, server_->session(), server_stream_);
  if (local_) loop_.health().Answer(*this);
}

// Streams may have no end of their own. Services treat them in the same way when they drain.
void Call::OnDrain() {
  const bool under_way = route_ != nullptr && !local_ && !reply_.ended;
  if (under_way && !route_->unary) Refuse(Closing());
}

// A client that is still sending is told that it needn't (RFC 9113 8.1).
void Call::OnReplySent() {
  reply_closed_ = reply_sent_ = true;
  if (!request_.ended) ResetClient(NGHTTP2_NO_ERROR);
}

void Call::OnClientClosed() {
  client_ = nullptr;
  LeaveServer(NGHTTP2_CANCEL);
  LogEnd();
}

void Call::Send(Upstream& server) {
  std::vector<nghttp2_nv>& fields = loop_.fields();
  CollectRequestFields(fields);
  const bool with_body = !request_.ended || !request_.bytes.empty();
  const int32_t id = server.Submit(*this, fields, with_body);
  if (id < 0) {
    return Refuse(Error(api::v1::TEMPORARILY_UNAVAILABLE, "the service takes no calls at present"));
  }
  server_ = &server;
  server_stream_ = id;
  if (deadline_ == SteadyTime::max()) {
    Timer::Cancel();
  } else {
    Set(loop_.timers(), deadline_);
  }
}

void Call::CollectRequestFields(std::vector<nghttp2_nv>& fields) {
  head_.passed_on().AppendTo(fields);
  fields.push_back(SharedField("te", "trailers"));
  if (head_.traceparent().empty()) {
    traceparent_ = telemetry::NextTraceparent({});
    fields.push_back(UniqueField("traceparent", traceparent_));
  }
  // Services know of a deadline by default themselves: the fewer fields, the cheaper the call.
  if (head_.timeout() != absl::InfiniteDuration() && deadline_ != SteadyTime::max()) {
    // A little more than is left: at the deadline it is the gateway that tells the client, and the
    // service that hears of it. Told the same, both would, and the client get either answer.
    const auto left =
        FormatTimeout(absl::FromChrono(deadline_ + kServiceGrace - SteadyNow()), timeout_);
    fields.push_back(UniqueField("grpc-timeout", left));
  }
}

void Call::Refuse(const absl::Status& status) {
  LeaveServer(NGHTTP2_CANCEL);
  if (over()) return;
  if (reply_started_ && reply_.ended) return ResetClient(NGHTTP2_CANCEL);
  grpc_status_ = static_cast<int>(status.code());
  reason_ = ReasonOf(status);
  if (reply_started_) return BreakOff(status);
  reply_started_ = reply_closed_ = true;
  SubmitRefusal(client_->session(), client_stream_, status);
  client_->Touch();
}

void Call::BreakOff(const absl::Status& status) {
  refusal_ = status;
  reply_.ended = true;
  Set(loop_.timers(), After(SteadyNow(), kLinger));
  Resume(reply_, client_->session(), client_stream_);
}

void Call::ResetClient(uint32_t error_code) {
  reply_closed_ = true;
  reset_by_gateway_ = true;
  reply_.bytes.Clear();
  if (client_ != nullptr) client_->Reset(client_stream_, error_code);
}

void Call::LeaveServer(uint32_t error_code) {
  Timer::Cancel();
  WaitingHook::unlink();
  request_.bytes.Clear();
  if (std::exchange(server_left_, true) || server_ == nullptr) return;
  server_->Reset(server_stream_, error_code);
}

void Call::Resume(Flow& flow, nghttp2_session* session, int32_t stream_id) {
  if (!std::exchange(flow.deferred, false)) return;
  nghttp2_session_resume_data(session, stream_id);
  (&flow == &request_ ? static_cast<Connection*>(server_) : client_)->Touch();
}

// A call without a status of gRPC's was left by the client, or wasn't gRPC.
std::string Call::CodeName() const {
  const auto none = http_status_ == 200 ? absl::StatusCode::kCancelled : absl::StatusCode::kUnknown;
  return absl::StatusCodeToString(grpc_status_ < 0 ? none
                                                   : static_cast<absl::StatusCode>(grpc_status_));
}

// With the words that services use (common/rpc).
void Call::LogEnd() {
  if (!loop_.options().access_log) return;
  // A call that never went on has no trace yet.
  if (head_.traceparent().empty() && traceparent_.empty()) {
    traceparent_ = telemetry::NextTraceparent({});
  }
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(SteadyNow() - start_);
  const std::string_view trace =
      telemetry::TraceIdOf(head_.traceparent().empty() ? traceparent_ : head_.traceparent());
  telemetry::LogLine line = telemetry::Log(telemetry::Level::kInfo, "access", "call");
  line.Field("method", route_ != nullptr ? std::string_view(route_->path) : "unknown")
      .Field("code", CodeName());
  if (reason_ != api::v1::ERROR_REASON_UNSPECIFIED) {
    line.Field("reason", api::v1::ErrorReason_Name(reason_));
  }
  line.Field("http_status", http_status_)
      .Field("duration_us", duration.count())
      .Field("subject", subject_)
      .Field("peer", peer_)
      .Field("request_id", head_.request_id().empty() ? trace : head_.request_id())
      .Field("trace_id", trace)
      .Field("request_bytes", request_.total)
      .Field("reply_bytes", reply_.total);
}

}  // namespace baliprocess::gateway
