#include "services/gateway/listen/http1_client.h"

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/telemetry/log.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/request_head.h"
#include "services/gateway/listen/downstream.h"
#include "services/gateway/listen/http_error.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/net/http_date.h"
#include "services/gateway/net/work.h"
#include "services/gateway/transcoding/http_status.h"

namespace baliprocess::gateway {
namespace {

// What is read at once of heads: of requests behind it, no more than this is kept here.
constexpr size_t kHeadAppetite = 16 << 10;

// A body is read on when there is room for as much.
constexpr size_t kLeastRoom = 4 << 10;

// The rest of a body that nobody waits for is read when it is so much at most: else a new
// connection is cheaper.
constexpr uint64_t kMostOfTheRest = 64 << 10;

// How long a client may go on sending when the connection is over.
constexpr absl::Duration kFarewell = absl::Seconds(2);

Http1Limits LimitsOf(const Limits& limits) {
  return {.head_bytes = limits.max_header_bytes, .body_bytes = limits.max_body_bytes};
}

}  // namespace

Http1Client::Http1Client(Downstream& connection)
    : connection_(connection),
      limits_(connection.host().options().limits),
      parser_(std::make_unique<Http1Parser>(LimitsOf(limits_))) {
  connection.LingerAtEnd();
  // There is no PING.
  constexpr int kProbes = 4;
  connection.WatchPeer(limits_.keepalive_interval, limits_.keepalive_timeout / kProbes, kProbes);
}

size_t Http1Client::appetite() const {
  if (!listening()) return 0;
  if (!exchange_) return kHeadAppetite;
  const auto window = static_cast<size_t>(limits_.stream_window_bytes);
  const size_t room = window - std::min(window, unconsumed_);
  return room < kLeastRoom ? 0 : room;
}

Codec::Taken Http1Client::Take(std::string_view bytes) {
  connection_.OnGreeted();
  if (input_.empty()) bytes.remove_prefix(Parse(bytes));
  if (bytes.empty()) return Taken::kGood;
  const bool more = !input_.empty();
  input_.Append(bytes);
  if (more) input_.Pop(Parse(input_.front()));
  return Taken::kGood;
}

size_t Http1Client::Parse(std::string_view bytes) {
  size_t parsed = 0;
  while (listening() && parsed < bytes.size()) {
    const size_t taken = ParsePiece(bytes.substr(parsed));
    if (taken == 0) break;
    parsed += taken;
  }
  // What comes behind the last request is nothing.
  return ending_ ? bytes.size() : parsed;
}

size_t Http1Client::ParsePiece(std::string_view bytes) {
  using State = Http1Parser::State;
  const bool was_head = parser_->state() == State::kHead;
  const size_t taken = parser_->Feed(bytes);
  const State state = parser_->state();
  const std::string_view body = parser_->body();
  const auto around = static_cast<double>(taken - body.size());
  if (taken > 0) connection_.Charge(1 + around * Work::kHeadByte);
  if (ending_) return taken;
  if (state == State::kFailed) {
    connection_.Charge(Work::kRefusedCall);
    Refuse(parser_->fault().status, parser_->fault().what);
    return taken;
  }
  if (was_head) {
    if (state == State::kHead) {
      if (taken == 0) head_since_ = std::min(head_since_, connection_.last_read());
      return taken;
    }
    connection_.Earn(around * Work::kHeadByte);
    BeginExchange();
    return taken;
  }
  TakeBody(body, state == State::kDone);
  return taken;
}

void Http1Client::TakeBody(std::string_view bytes, bool last) {
  body_bytes_ += bytes.size();
  if (answered_) {
    if (last) AwaitRequest();
    return;
  }
  if (!bytes.empty()) {
    awaits_continue_ = false;
    unconsumed_ += bytes.size();
    exchange_->OnRequestData(bytes);
  }
  if (!last || ending_) return;
  request_whole_ = true;
  exchange_->OnRequestEnd();
}

void Http1Client::BeginExchange() {
  Http1Head& request = parser_->head();
  head_since_ = SteadyTime::max();
  connection_.OnRequest();
  RequestHead head;
  head.Add({":method", request.method});
  head.Add({":scheme", connection_.secure() ? "https" : "http"});
  if (!request.authority.empty()) head.Add({":authority", request.authority});
  head.Add({":path", request.path});
  for (const auto& [name, value] : request.fields) head.Add({name, value});
  reply_ = Http1Reply(request);
  if (head.size() > limits_.max_header_bytes) {
    connection_.Charge(Work::kLargeHead);
    return Refuse(431, "the request's headers are too large");
  }
  // As connect-go does. The status travels in trailers, which few who speak HTTP/1.1 can read.
  if (head.is_grpc()) return Refuse(505, "gRPC needs HTTP/2");
  closes_ = closes_ || !request.keep_alive;
  request_whole_ = parser_->state() == Http1Parser::State::kDone;
  awaits_continue_ = request.expects_continue && !request_whole_;
  exchange_ = connection_.host().MakeExchange(std::move(head), *this);
  exchange_->Begin(request_whole_);
  if (awaits_continue_ && stage_ == Stage::kNone && !ending_) {
    awaits_continue_ = false;
    output_.append("HTTP/1.1 100 Continue\r\n\r\n");
  }
}

void Http1Client::Refuse(int http_status, std::string_view what) {
  connection_.host().counts().http1_refusals.Add(what);
  if (connection_.peer()->MayLog(Peer::Topic::kConnection, SteadyNow())) {
    telemetry::Log(telemetry::Level::kInfo, "gateway", "request refused")
        .Field("peer", connection_.peer()->address())
        .Field("http_status", http_status)
        .Field("reason", what);
  }
  AnswerLast(http_status, what);
}

void Http1Client::AnswerLast(int http_status, std::string_view what) {
  spoilt_ = true;
  if (answered_) {
    over_ = true;
  } else if (stage_ == Stage::kBody) {
    lost_ = deferred_;
  } else if (stage_ == Stage::kNone) {
    const std::string body = ErrorJson(ToRpcStatus(ErrorOfHttp(http_status, what)));
    const std::string status = std::to_string(http_status);
    const std::string length = std::to_string(body.size());
    const std::string date = HttpDate(absl::Now());
    const std::vector<nghttp2_nv> fields = {
        SharedField(":status", status), SharedField("date", date),
        SharedField("content-type", "application/json"), SharedField("content-length", length)};
    if (reply_.WriteHead(fields, true, true, output_)) output_.append(body);
    stage_ = Stage::kWhole;
  }
  closes_ = true;
  End();
}

bool Http1Client::ReadsTheRest() const {
  const std::optional<uint64_t>& length = parser_->head().length;
  return length && *length - body_bytes_ <= kMostOfTheRest && !awaits_continue_;
}

void Http1Client::End() {
  if (std::exchange(ending_, true)) return;
  ending_since_ = SteadyNow();
  connection_.Touch();
}

Codec::Made Http1Client::Produce(size_t target, std::string& out) {
  while (true) {
    out.append(output_);
    output_.clear();
    if (lost_) return Made::kLost;
    if (stage_ == Stage::kBody && !deferred_) {
      const Http1Reply::Part part = reply_.WriteBody(*body_, out);
      if (part == Http1Reply::Part::kBroken) lost_ = true;
      if (part == Http1Reply::Part::kNone) deferred_ = true;
      if (deferred_ && spoilt_) lost_ = true;
      if (part == Http1Reply::Part::kLast) stage_ = Stage::kWhole;
    }
    if (stage_ == Stage::kWhole) Finish();
    if (!wants_write()) return Made::kAll;
    if (out.size() >= target) return Made::kMore;
  }
}

bool Http1Client::wants_write() const {
  return lost_ || !output_.empty() || (stage_ == Stage::kBody && !deferred_) ||
         stage_ == Stage::kWhole;
}

void Http1Client::Finish() {
  if (const ExchangePtr exchange = std::exchange(exchange_, nullptr)) {
    if (!ending_) exchange->OnReplySent();
    connection_.EndExchange(*exchange, spoilt_);
  }
  stage_ = Stage::kNone;
  body_ = nullptr;
  deferred_ = false;
  if (closes_ || ending_) {
    End();
    input_.Clear();
    over_ = true;
    return;
  }
  if (request_whole_) {
    AwaitRequest();
  } else {
    answered_ = true;
    head_since_ = connection_.last_read();  // the rest has as much time
  }
  input_.Pop(Parse(input_.front()));
  connection_.ReadOn();
}

void Http1Client::AwaitRequest() {
  parser_ = std::make_unique<Http1Parser>(LimitsOf(limits_));
  head_since_ = SteadyTime::max();
  reply_ = Http1Reply();
  request_whole_ = false;
  body_bytes_ = unconsumed_ = 0;
  awaits_continue_ = answered_ = false;
}

void Http1Client::SendHead(const std::vector<nghttp2_nv>& fields, Body* body) {
  if (stage_ != Stage::kNone || ending_) return;
  // Who had better go elsewhere is told so while that still loses nothing.
  const bool leaving = connection_.host().leaving();
  const bool last = closes_ || leaving || (!request_whole_ && !ReadsTheRest());
  const bool has_body = reply_.WriteHead(fields, body != nullptr, last, output_);
  closes_ = reply_.closes();
  body_ = body;
  stage_ = has_body ? Stage::kBody : Stage::kWhole;
  connection_.Touch();
}

void Http1Client::SendTrailers(const std::vector<nghttp2_nv>& fields) {
  reply_.SetTrailers(fields);
}

void Http1Client::Resume() {
  deferred_ = false;
  connection_.Touch();
}

void Http1Client::Consume(size_t bytes) {
  unconsumed_ -= std::min(unconsumed_, bytes);
  connection_.ReadOn();
}

// HTTP/1.1 can't end a reply that has begun, but by ending the connection. That a request needn't
// be sent to its end (NGHTTP2_NO_ERROR) was said in the head of the reply, where it matters.
void Http1Client::Reset(uint32_t) {
  if (stage_ == Stage::kWhole || ending_ || !exchange_) return;
  closes_ = true;
  lost_ = true;
  End();
}

bool Http1Client::Charge(double work) { return connection_.Charge(work); }
void Http1Client::Earn(double work) { connection_.Earn(work); }
SteadyTime Http1Client::last_read() const { return connection_.last_read(); }
Load& Http1Client::load() { return connection_.load(); }
const std::vector<std::string>* Http1Client::certificate_uris() const {
  return &connection_.certificate_uris();
}
const std::shared_ptr<Peer>& Http1Client::connected() const { return connection_.peer(); }

// A request of which something has come is answered still, and so is the first one of who has just
// connected.
void Http1Client::Drain() {
  closes_ = draining_ = true;
  if (exchange_) return exchange_->OnDrain();
  if (ending_ || head_since_ != SteadyTime::max() || connection_.IsYoung(SteadyNow())) return;
  EndUnasked();
}

void Http1Client::EndUnasked() {
  End();
  over_ = true;
  if (!connection_.blocked()) connection_.Close();
}

void Http1Client::Tick(SteadyTime now) {
  if (ending_) {
    const absl::Duration farewell = connection_.lingering() ? kFarewell : limits_.reply_timeout;
    if (now >= After(ending_since_, farewell)) connection_.Close();
  } else if (exchange_) {
    exchange_->OnTick(now);
  } else if (head_since_ != SteadyTime::max()) {
    if (now < After(head_since_, limits_.header_timeout)) return;
    if (answered_) return connection_.Close();
    Refuse(408, "the request's head took too long to come");
  } else if (draining_ && !connection_.IsYoung(now)) {
    EndUnasked();
  } else if (connection_.IsStuck(now)) {
    connection_.GiveUp("a reply that it doesn't read");
  } else if (connection_.IsIdle(now)) {
    connection_.Close();
  }
}

void Http1Client::Leave(std::string_view reason) { AnswerLast(429, reason); }

void Http1Client::OnClosed() {
  const ExchangePtr exchange = std::exchange(exchange_, nullptr);
  if (exchange) connection_.EndExchange(*exchange, !ending_);
}

}  // namespace baliprocess::gateway
