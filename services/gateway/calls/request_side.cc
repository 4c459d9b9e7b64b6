// Call from the client to the service.

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/errors.h"
#include "common/base/position_header.h"
#include "common/base/status_macros.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/gateway/calls/call.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/rates.h"
#include "services/gateway/calls/refusal.h"
#include "services/gateway/net/http2_session.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/work.h"

namespace baliprocess::gateway {
namespace {

// Requests of methods that the gateway answers itself are tiny.
constexpr size_t kMaxLocalRequest = 4096;

constexpr auto kServiceGrace = std::chrono::milliseconds(50);

absl::Status Compressed() {
  return Error(api::v1::Error::UNSUPPORTED_CALL,
               "messages are taken as they are: send them uncompressed");
}

// The path as an error can carry it: in a string that must be UTF-8, in headers that are limited.
std::string_view Quotable(std::string_view path) {
  constexpr size_t kMaxQuoted = 256;
  const bool plain = path.size() <= kMaxQuoted && std::all_of(path.begin(), path.end(), [](char c) {
                       return c >= 0x20 && c <= 0x7e;
                     });
  return plain ? path : "(unprintable)";
}

// What is secret, or new with each call. Of fields with one name all are literals or none: so they
// stay in their order.
bool IsLiteral(std::string_view name) {
  return name == "authorization" || name == "x-request-id" || name == kPositionHeader;
}

}  // namespace

void Call::Begin(bool end) {
  request_.ended = end;
  route_ = host_.routes().Find(head_.path());
  host_.call_counts().Of(route_).started.Add();
  if (head_.size() > host_.options().limits.max_header_bytes) {
    client_->Charge(Work::kLargeHead);
    return Refuse(Error(api::v1::Error::TOO_LARGE, "the request's headers are too large"));
  }
  if (!CheckHttp()) {
    client_->Charge(Work::kRefusedCall);
    return;
  }
  const absl::Status admitted = Admit();
  StartTrace();
  if (const absl::Status& status = admitted; !status.ok()) {
    const bool forged =
        ReasonOf(status) == api::v1::Error::TOKEN_INVALID && host_.admission().checked_signature();
    client_->Charge(forged ? Work::kBadToken : Work::kRefusedCall);
    return Refuse(status);
  }
  if (const absl::Status status = CountIn(end); !status.ok()) return Refuse(status);
  StartDeadline();
  if (!end && route_->one_request) return;  // held back until it is whole, or large
  if (end) return OnRequestEnd();
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
  SendHttpStatus(*client_, std::to_string(http_status_));
  return false;
}

absl::Status Call::Admit() {
  if (route_ == nullptr) {
    return Error(api::v1::Error::UNKNOWN_METHOD, "there is no such method",
                 {{"method", Quotable(head_.path())}});
  }
  if (route_->access != nullptr) {
    if (head_.authorized_twice()) {
      return Error(api::v1::Error::TOKEN_INVALID, "the call has more than one authorization");
    }
    ASSIGN_OR_RETURN(const Admission::Admitted* admitted,
                     host_.admission().Admit(*route_->access, head_.authorization()));
    subject_ = admitted->caller.subject;
    Load& load = admitted->load ? *admitted->load : peer_->anonymous_load();
    rate_ = &load.rate;
    rate_limit_ = admitted->rate;
    const absl::Status taken = TakeOne(load.rate, *admitted->rate, *peer_, subject_, start_);
    if (!taken.ok()) host_.call_counts().limited.Add("too many calls a second");
    RETURN_IF_ERROR(taken);
    const Limits& limits = host_.options().limits;
    if (admitted->load) {
      share_.Join(*admitted->load, limits.per_caller, admitted->load);
    } else {
      share_.Join(peer_->anonymous_load(), limits.anonymous_per_address);
    }
  }
  return CheckHead();
}

absl::Status Call::CheckHead() const {
  if (head_.compresses()) return Compressed();
  if (head_.has_other_codec()) {
    return Error(api::v1::Error::UNSUPPORTED_CALL,
                 "messages are of Protocol Buffers: application/grpc, or application/grpc+proto");
  }
  if (head_.bad_scheme()) {
    return Error(api::v1::Error::MALFORMED_REQUEST, ":scheme isn't http or https");
  }
  if (head_.bad_timeout()) {
    return Error(api::v1::Error::MALFORMED_REQUEST, "grpc-timeout isn't a number and a unit");
  }
  return absl::OkStatus();
}

// By chance; or as the client asks, if it is known and doesn't ask for much. What it says against
// it doesn't count: whether to look is the operator's to say.
void Call::StartTrace() {
  telemetry::Tracer* const tracer = host_.tracer();
  if (tracer == nullptr || route_ == nullptr) return;
  const bool asked = telemetry::IsSampled(head_.traceparent()) && !subject_.empty();
  if (!tracer->SampleNew() && !(asked && host_.MayTraceAsAsked(start_))) return;
  trace_ = std::make_unique<CallTrace>(*tracer, head_.traceparent(), start_);
}

absl::Status Call::Overloaded(std::string_view what) {
  host_.call_counts().limited.Add(what);
  if (peer_->MayLog(Peer::Topic::kConnection, client_->last_read())) {
    telemetry::Log(telemetry::Level::kWarn, "gateway", "call refused")
        .Field("peer", peer_->address())
        .Field("subject", subject_)
        .Field("reason", what);
  }
  return WithRetryAfter(Error(api::v1::Error::OVERLOADED, what), absl::Seconds(1));
}

absl::Status Call::CountIn(bool whole) {
  counted_call_ = peer_->calls_held().Take(1);
  if (!counted_call_) return Overloaded("too many calls at once");
  if (!whole && !share_.TakeUnfinishedCall()) return Overloaded("too many unfinished calls");
  if (!route_->unary && !share_.TakeStream()) return Overloaded("too many open streams");
  return absl::OkStatus();
}

void Call::StartDeadline() {
  const Limits& limits = host_.options().limits;
  absl::Duration timeout = head_.timeout();
  if (route_->unary) {
    if (timeout == absl::InfiniteDuration()) timeout = host_.options().default_deadline;
    timeout = std::min(timeout, limits.max_unary_deadline);
  }
  deadline_ = After(start_, timeout);
  if (!request_.ended && route_->one_request) request_by_ = After(start_, limits.request_timeout);
  if (route_->unary && MayBeSafe()) try_by_ = start_ + TryTime();
  SetTimer();
}

void Call::Dispatch() {
  dispatched_ = true;
  local_ = route_->kind != Route::Kind::kForward;
  if (local_) return host_.health().Answer(*this);
  if (!route_->backend) {
    return Refuse(
        Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "the service isn't part of this system"));
  }
  if (!route_->unary && host_.draining()) return Refuse(GatewayClosing());
  host_.repeats(*route_->backend).OnCall();
  KeepRequest();
  Forward();
}

void Call::Forward() {
  host_.Forward(*route_->backend, *this);
  if (WaitsForServer()) {
    // The backend gives up sooner, as a rule: the service may have been away for a while.
    const Options& options = host_.options();
    give_up_ = After(SteadyNow(), options.wait_for_service + options.connect_timeout);
  }
  if (WaitsForServer() || (attempts_ > 1 && server_ != nullptr)) SetTimer();
}

absl::Status Call::JudgeMessages(std::string_view bytes) {
  using Fault = MessageMeter::Fault;
  switch (meter_.Pass(bytes, host_.options().limits.max_message_bytes)) {
    case Fault::kTooLarge:
      return Error(api::v1::Error::TOO_LARGE, "the request's message is too large");
    case Fault::kCompressed:
      // What encodings it might be, the head would have said.
      return Error(api::v1::Error::MALFORMED_REQUEST,
                   "a message is compressed and no encoding is named");
    case Fault::kUnknownFlag:
      return Error(api::v1::Error::MALFORMED_REQUEST, "a message's flag is neither 0 nor 1");
    case Fault::kNone:
      break;
  }
  if (route_->one_request && meter_.begun() > 1) {
    return Error(api::v1::Error::UNSUPPORTED_CALL, "the call has more than one message");
  }
  return CountMessage();
}

absl::Status Call::CountMessage() {
  const bool open = route_->one_request || !meter_.whole();
  const int64_t size = open ? meter_.announced() : 0;
  if (size != counted_) {
    share_.GiveBytes();
    counted_ = size;
    if (size > 0 && !share_.TakeBytes(size))
      return Overloaded("too many bytes of unfinished messages");
  }
  if (route_->one_request) return absl::OkStatus();
  // Each message has its own time, also one that begins in the frame in which another ends.
  const bool timed = request_by_ != SteadyTime::max();
  if (open == timed && (!open || timed_message_ == meter_.begun())) return absl::OkStatus();
  timed_message_ = meter_.begun();
  request_by_ = open ? After(client_->last_read(), host_.options().limits.request_timeout)
                     : SteadyTime::max();
  SetTimer();
  return absl::OkStatus();
}

bool Call::MayRead() {
  if (over() || rate_ == nullptr) return !over();
  const absl::Status judged =
      JudgeDebt(*rate_, *rate_limit_, *peer_, subject_, client_->last_read());
  if (!judged.ok()) {
    host_.call_counts().limited.Add("too much text to read");
    Refuse(judged);
  }
  return judged.ok();
}

void Call::CountReading(size_t bytes) {
  if (over() || rate_ == nullptr) return;
  ChargeReading(*rate_, *rate_limit_, bytes, client_->last_read());
}

void Call::CountHeld(size_t bytes) {
  if (over()) return;
  held_elsewhere_ = true;
  share_.GiveBytes();
  counted_ = static_cast<int64_t>(bytes);
  if (bytes > host_.options().limits.max_message_bytes) {
    return Refuse(Error(api::v1::Error::TOO_LARGE, "the request's body is too large"));
  }
  if (share_.TakeBytes(counted_)) return;
  Refuse(Overloaded("too many bytes of unfinished messages"));
}

void Call::AwaitPart() {
  const bool timed = request_by_ != SteadyTime::max();
  if (over() || timed || request_.ended || route_->one_request) return;
  request_by_ = After(SteadyNow(), host_.options().limits.request_timeout);
  SetTimer();
}

absl::Status Call::JudgeEnd() const {
  if (!meter_.whole()) {
    return Error(api::v1::Error::MALFORMED_REQUEST, "the request ends within a message");
  }
  if (route_->one_request && meter_.begun() == 0) {
    return Error(api::v1::Error::UNSUPPORTED_CALL, "the call has no message");
  }
  return absl::OkStatus();
}

void Call::OnRequestData(std::string_view bytes) {
  if (reply_closed_ || server_left_) return;
  request_.total += bytes.size();
  if (const absl::Status status = JudgeMessages(bytes); !status.ok()) return Refuse(status);
  request_.bytes.Append(bytes);
  if (server_ != nullptr) return ResumeRequest();
  if (dispatched_) return;
  if (route_->kind != Route::Kind::kForward && request_.bytes.size() > kMaxLocalRequest) {
    return Refuse(Error(api::v1::Error::TOO_LARGE, "the request is too large"));
  }
  if (request_.bytes.size() > kHeldBack) Dispatch();
}

void Call::OnRequestEnd() {
  request_.ended = true;
  if (reply_closed_ || server_left_) return;
  share_.GiveUnfinishedCall();
  // What its client has been given back the window for counts until it has gone on.
  if (!held_elsewhere_) share_.GiveBytes();
  if (const absl::Status status = JudgeEnd(); !status.ok()) return Refuse(status);
  if (request_by_ < deadline_) {
    request_by_ = SteadyTime::max();
    SetTimer();
  }
  if (server_ != nullptr) return ResumeRequest();
  if (!dispatched_) Dispatch();
}

// A client that is still sending is told that it needn't (RFC 9113 8.1).
void Call::OnReplySent() {
  reply_closed_ = reply_sent_ = true;
  if (!request_.ended) ResetClient(NGHTTP2_NO_ERROR);
}

void Call::OnSubmitted(Http2Session& server, int32_t stream_id, uint64_t address) {
  place_ = {};
  server_ = &server;
  server_stream_ = stream_id;
  address_ = address;
  ++attempts_;
  if (trace_) trace_->SetAddress(server.address());
  if (give_up_ == SteadyTime::max()) return;
  // The call has waited: a try has all of its time.
  if (try_by_ != SteadyTime::max()) try_by_ = SteadyNow() + TryTime();
  SetTimer();
}

// Services record what the gateway does: what a client asks for isn't passed on by itself.
std::string_view Call::NextTraceparent() {
  if (trace_) return trace_->BeginAttempt(route_->path);
  const std::string_view received = head_.traceparent();
  if (!received.empty() && !telemetry::IsSampled(received)) return received;
  if (traceparent_.empty()) traceparent_ = telemetry::DecidedTraceparent(received, false);
  return traceparent_;
}

void Call::CollectRequestFields(std::string_view authority, RequestFields& fields) {
  // As gRPC's clients do; its servers refuse a call without one.
  if (!head_.has_authority()) fields.coded.push_back(CopiedField(":authority", authority));
  head_.passed_on().AppendTo(fields, IsLiteral);
  fields.coded.push_back(SharedField("te", "trailers"));
  fields.AddLiteral("traceparent", NextTraceparent());
  // Services know of a deadline by default themselves: the fewer fields, the cheaper the call.
  if (head_.timeout() != absl::InfiniteDuration() && deadline_ != SteadyTime::max()) {
    // The service gets a slightly later deadline, so that only the gateway answers
    // DEADLINE_EXCEEDED.
    const auto left =
        FormatTimeout(absl::FromChrono(deadline_ + kServiceGrace - SteadyNow()), timeout_);
    fields.AddLiteral("grpc-timeout", left);
  }
  if (attempts_ > 0) {
    previous_attempts_ = std::to_string(attempts_);
    fields.coded.push_back(CopiedField("grpc-previous-rpc-attempts", previous_attempts_));
  }
}

// Of a request of one message the last byte waits for the end: the service shall not begin with
// what may yet turn out to be wrong.
ssize_t Call::RequestFlow::Read(size_t length, uint32_t* flags) {
  const bool held = !ended && call.route_->one_request && !bytes.empty();
  const size_t left = bytes.size() - sent;
  const size_t size = std::min(length, left - (held ? 1 : 0));
  if (size == 0 && (!ended || call.server_left_)) {
    deferred = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  if (size > 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (ended && size == left) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(size);
}

// The window is given back to the client now that its bytes have gone on, for the first time.
void Call::RequestFlow::Move(size_t size, std::string& out) {
  out.append(bytes.front().substr(sent, size));
  if (kept) {
    sent += size;
  } else {
    bytes.Pop(size);
  }
  if (call.held_elsewhere_ && ended && (kept ? sent == bytes.size() : bytes.empty())) {
    call.share_.GiveBytes();
  }
  ClientStream* const client = call.client_;
  if (client == nullptr || call.attempts_ > 1) return;
  client->Earn(static_cast<double>(size) * Work::kMovedByte);
  client->Consume(size);
}

}  // namespace baliprocess::gateway
