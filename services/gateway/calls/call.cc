#include "services/gateway/calls/call.h"

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/refusal.h"
#include "services/gateway/net/http2_session.h"
#include "services/gateway/net/peer.h"

namespace baliprocess::gateway {
namespace {

// How long a client may take to read up to the trailers with which a reply was broken off.
constexpr absl::Duration kLinger = absl::Seconds(1);

}  // namespace

Call::Call(CallHost& host, ClientStream& client, RequestHead head)
    : host_(host),
      client_(&client),
      start_(client.last_read()),
      head_(std::move(head)),
      peer_(client.peer()) {
  const Limits& limits = host.options().limits;
  share_.Join(client.load(), limits.per_connection);
  share_.Join(peer_->load(), limits.per_address);
  host.in_flight().push_back(*this);
}

void Call::SetTimer() {
  SteadyTime at = std::min({deadline_, request_by_, try_by_, repeat_at_, head_by_});
  if (WaitsForServer()) at = std::min(at, give_up_);
  if (at == SteadyTime::max()) {
    Timer::Cancel();
  } else {
    Set(host_.timers(), at);
  }
}

void Call::OnTimer() {
  const SteadyTime now = SteadyNow();
  if (refusal_) {  // its trailers weren't read in time
    if (!over()) ResetClient(NGHTTP2_CANCEL);
    return;
  }
  if (now >= deadline_) {
    return Refuse(
        Error(api::v1::Error::DEADLINE_PASSED, "the deadline passed before the call was done"));
  }
  if (WaitsForServer() && now >= give_up_) {
    return Refuse(Unreachable());
  }
  if (now >= request_by_) {
    return Refuse(Error(api::v1::Error::DEADLINE_PASSED, "the request took too long to come"));
  }
  if (now >= repeat_at_) return TryAgain();
  if (now >= head_by_) StartReply(true);
  if (now >= try_by_) return OnTryTimeout();
  SetTimer();
}

bool Call::TakePlace(WaitingRoom& room) {
  if (place_) return true;
  // What more comes meanwhile is up to the window.
  const size_t window = static_cast<size_t>(host_.options().limits.stream_window_bytes);
  const size_t here = request_.bytes.size();
  place_ = room.Enter(static_cast<int64_t>(request_.ended ? here : std::max(here, window)));
  if (!place_) host_.call_counts().limited.Add("too many calls wait for a service");
  return static_cast<bool>(place_);
}

// Streams may have no end of their own. Services treat them in the same way when they drain.
void Call::OnDrain() {
  const bool under_way = route_ != nullptr && !local_ && !reply_.ended;
  if (under_way && !route_->unary) Refuse(GatewayClosing());
}

// What a client doesn't take fills the service's memory too.
void Call::OnTick(SteadyTime now) {
  const absl::Duration timeout = host_.options().limits.reply_timeout;
  if (reader_.HasStopped(!reply_.bytes.empty(), now, timeout)) {
    RefuseSlowReader();
  }
  if (!over() && unread_ == 0 && !reply_.bytes.empty() && !CountUnread()) EndUnread();
}

void Call::OnClientClosed() {
  client_ = nullptr;
  share_.GiveAll();
  if (counted_call_) peer_->calls_held().Give(1);
  peer_->unread_bytes().Give(std::exchange(unread_, 0));
  LeaveServer(NGHTTP2_CANCEL);
  TellEnd();
}

void Call::Refuse(const absl::Status& status) {
  LeaveServer(NGHTTP2_CANCEL);
  if (over()) return;
  if (!refusal_) {
    grpc_status_ = static_cast<int>(status.code());
    reason_ = ReasonOf(status);
    host_.call_counts().refused[reason_].Add();
  }
  if (reply_started_ && reply_.ended) return ResetClient(NGHTTP2_CANCEL);
  if (reply_started_) return BreakOff(status);
  reply_started_ = reply_closed_ = true;
  SendRefusal(*client_, status, attempts_ - 1);
}

void Call::RefuseSlowReader() {
  Refuse(Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "the reply wasn't read in time: resume"));
}

void Call::BreakOff(const absl::Status& status) {
  refusal_ = status;
  reply_.ended = true;
  Set(host_.timers(), After(SteadyNow(), kLinger));
  ResumeReply();
}

void Call::ResetClient(uint32_t error_code) {
  reply_closed_ = true;
  reset_by_gateway_ = true;
  reply_.bytes.Clear();
  if (client_ != nullptr) client_->Reset(error_code);
}

void Call::LeaveServer(uint32_t error_code) {
  Timer::Cancel();
  WaitingHook::unlink();
  place_ = {};
  LetGoOfRequest();
  request_.bytes.Clear();
  if (std::exchange(server_left_, true) || server_ == nullptr || between_tries_) return;
  if (trace_) trace_->EndAttempt(static_cast<int>(absl::StatusCode::kCancelled));
  server_->Reset(server_stream_, error_code);
}

void Call::ResumeRequest() {
  if (!std::exchange(request_.deferred, false)) return;
  nghttp2_session_resume_data(server_->session(), server_stream_);
  server_->Touch();
}

void Call::ResumeReply() {
  if (std::exchange(reply_.deferred, false)) client_->Resume();
}

bool Call::IsAtDeadline(SteadyTime now) const {
  if (deadline_ == SteadyTime::max()) return false;
  return now + std::chrono::milliseconds(10) + (deadline_ - start_) / 50 >= deadline_;
}

// A call without a status of gRPC's was left by the client, or wasn't gRPC.
int Call::Code() const {
  const auto none = http_status_ == 200 ? absl::StatusCode::kCancelled : absl::StatusCode::kUnknown;
  return grpc_status_ < 0 ? static_cast<int>(none) : grpc_status_;
}

std::string_view Call::TraceId() {
  if (trace_) return trace_->trace_id();
  if (!head_.traceparent().empty()) return telemetry::TraceIdOf(head_.traceparent());
  // A call that never went on has no trace yet.
  if (traceparent_.empty()) traceparent_ = telemetry::NextTraceparent({});
  return telemetry::TraceIdOf(traceparent_);
}

std::string_view Call::LogId() {
  return head_.request_id().empty() ? TraceId() : head_.request_id();
}

telemetry::CallDescription Call::Describe() const {
  telemetry::CallDescription description;
  description.method = route_ != nullptr ? route_->path : "unknown";
  description.subject = subject_;
  description.peer = peer_->address();
  if (server_ != nullptr) description.upstream = server_->address();
  description.trace_id =
      trace_ ? trace_->trace_id()
             : telemetry::TraceIdOf(head_.traceparent().empty() ? std::string_view(traceparent_)
                                                                : head_.traceparent());
  description.age = Since(start_);
  return description;
}

void Call::TellEnd() {
  const SteadyTime now = SteadyNow();
  const int code = Code();
  CallCounts::Method& counts = host_.call_counts().Of(route_);
  const bool known = code < static_cast<int>(CallCounts::kCodes);
  counts.handled[known ? code : static_cast<int>(absl::StatusCode::kUnknown)].Add();
  counts.took.Add(now - start_);
  if (trace_) {
    const bool reasoned = reason_ != api::v1::Error::REASON_UNSPECIFIED;
    trace_->End(
        route_ != nullptr ? std::string_view(route_->path) : std::string_view(), code,
        reasoned ? std::string_view(api::v1::Error::Reason_Name(reason_)) : std::string_view());
  }
  LogEnd(now);
}

// With the words that services use (common/rpc).
void Call::LogEnd(SteadyTime now) {
  if (!host_.options().access_log) return;
  // What is counted by no rate could fill the log: refusals, and what the gateway answers itself.
  if ((!served() || local_) && !peer_->MayLog(Peer::Topic::kCalls, now)) return;
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(now - start_);
  const std::string_view id = LogId();
  const std::string_view trace = TraceId();
  telemetry::LogLine line = telemetry::Log(telemetry::Level::kInfo, "access", "call");
  line.Field("method", route_ != nullptr ? std::string_view(route_->path) : "unknown")
      .Field("code", absl::StatusCodeToString(static_cast<absl::StatusCode>(Code())));
  if (reason_ != api::v1::Error::REASON_UNSPECIFIED) {
    line.Field("reason", api::v1::Error::Reason_Name(reason_));
  }
  line.Field("http_status", http_status_)
      .Field("duration_us", duration.count())
      .Field("attempts", attempts_)
      .Field("subject", subject_)
      .Field("peer", peer_->address())
      .Field("request_id", id)
      .Field("trace_id", trace)
      .Field("request_bytes", request_.total)
      .Field("reply_bytes", reply_.total);
}

}  // namespace baliprocess::gateway
