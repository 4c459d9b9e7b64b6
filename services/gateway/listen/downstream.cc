#include "services/gateway/listen/downstream.h"

#include <utility>

#include "common/telemetry/log.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/header_rules.h"

namespace baliprocess::gateway {
namespace {

// How long a client may take to answer the PING that tells when the final GOAWAY can be sent.
constexpr absl::Duration kDrainPing = absl::Seconds(2);

// How long an abuser may take to read why it was cut off.
constexpr absl::Duration kFarewell = absl::Seconds(1);

// Of the budget that a connection begins with, when its address is suspect.
constexpr double kWithheld = 0.98;

// Work is taken from the address's budget, which many threads share, when it is so much.
constexpr double kSettle = 200;

// A deadline that passes is the service's fault, unless it leaves less than this for an answer.
constexpr auto kHasty = std::chrono::milliseconds(50);

// In units of connections that were cut off (Peer::Strike).
constexpr double kFailedHandshake = 0.05;

}  // namespace

Downstream::Downstream(CallHost& host, std::shared_ptr<Peer> peer,
                       std::function<void(Downstream&)> on_closed)
    : Connection(host),
      host_(host),
      peer_(std::move(peer)),
      on_closed_(std::move(on_closed)),
      accepted_(SteadyNow()),
      last_call_(accepted_),
      budget_(host.options().limits.work_at_once(), host.options().limits.work_per_second,
              accepted_) {
  if (peer_->suspect(accepted_)) budget_.Charge(kWithheld * budget_.level(accepted_), accepted_);
}

void Downstream::Serve(UniqueFd socket, SSL_CTX* tls) {
  if (!Connection::Open(std::move(socket))) return Close();
  secure_ = tls != nullptr;
  Start(tls == nullptr ? nullptr : std::make_unique<TlsChannel>(tls, outgoing()));
}

void Downstream::OnOpen() {
  open_once_ = true;
  StartSession(true);
}

void Downstream::OnClosed() {
  if (!open_once_) LogFailedHandshake();
  state_ = State::kLeaving;
  streams_.clear_and_dispose([](Http2Stream* stream) {
    stream->exchange().OnClientClosed();
    delete stream;
  });
  OnHeld(0);
  SettleAtEnd();
  on_closed_(*this);
}

Http2Stream* Downstream::FindStream(int32_t stream_id) {
  return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session(), stream_id));
}

bool Downstream::HeadFits() const {
  return head_.size() <= host_.options().limits.max_header_bytes;
}

// The blocks of a connection's headers come one after the other (RFC 9113 4.3).
void Downstream::OnBeginHeaders(const nghttp2_frame& frame) {
  headers_since_ = last_read();
  headers_stream_ = frame.hd.stream_id;
  trailer_bytes_ = 0;
  head_ = RequestHead();
}

bool Downstream::OnHeader(const nghttp2_frame& frame, const ReceivedField& field) {
  const size_t limit = host_.options().limits.max_header_bytes;
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) {  // gRPC knows no request trailers
    trailer_bytes_ += FieldSize(field.name.size(), field.value.size());
    return trailer_bytes_ <= limit;
  }
  // A little beyond the limit is told to the caller; far beyond it is only counted.
  constexpr size_t kFar = 4;
  head_.Add(field);
  if (!HeadFits()) head_.Drop();
  return head_.size() <= kFar * limit;
}

void Downstream::BeginExchange(int32_t stream_id, bool end) {
  auto* stream = new Http2Stream(*this, stream_id, load_, peer_);
  streams_.push_back(*stream);
  nghttp2_session_set_stream_user_data(session(), stream_id, stream);
  stream->set_exchange(host_.MakeExchange(std::move(head_), *stream));
  stream->exchange().Begin(end);
}

void Downstream::OnFrame(const nghttp2_frame& frame) {
  const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS: {
      headers_since_ = SteadyTime::max();
      headers_stream_ = 0;
      last_call_ = last_read();
      const bool request = frame.headers.cat == NGHTTP2_HCAT_REQUEST;
      if (!request || HeadFits()) Earn(static_cast<double>(frame.hd.length) * Work::kHeadByte);
      if (request) return BeginExchange(frame.hd.stream_id, end);
      if (!end) break;
      if (Http2Stream* stream = FindStream(frame.hd.stream_id)) stream->exchange().OnRequestEnd();
      break;
    }
    case NGHTTP2_DATA:
      if (!end) break;
      if (Http2Stream* stream = FindStream(frame.hd.stream_id)) stream->exchange().OnRequestEnd();
      break;
    case NGHTTP2_SETTINGS:
      if (state_ == State::kStarting) state_ = State::kServing;
      break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) OnPingAnswer();
      break;
    default:
      break;
  }
}

void Downstream::OnData(int32_t stream_id, std::string_view bytes) {
  if (Http2Stream* stream = FindStream(stream_id)) stream->exchange().OnRequestData(bytes);
}

void Downstream::OnFrameSent(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  if (Http2Stream* stream = FindStream(frame.hd.stream_id)) stream->OnReplySent();
}

// Streams that end before their reply was sent, by the client's doing, are counted: whether it
// reset them itself, with whatever code (rapid reset, CVE-2023-44487), or made nghttp2 do so with
// frames that break the rules (CVE-2025-8671).
void Downstream::OnStreamClosed(int32_t stream_id, uint32_t error_code) {
  Http2Stream* stream = FindStream(stream_id);
  bool broken_off = true;
  if (stream != nullptr) {
    broken_off = EndExchange(*stream, error_code);
  } else if (stream_id != headers_stream_) {
    return;
  }
  // Headers that break the rules are never reported as complete: the stream ends instead.
  if (stream_id == headers_stream_) headers_since_ = SteadyTime::max();
  if (!broken_off) return;
  const Limits& limits = host_.options().limits;
  Pay(static_cast<double>(limits.work_at_once()) / limits.max_resets, "too many calls broken off");
}

bool Downstream::EndExchange(Http2Stream& stream, uint32_t error_code) {
  stream.unlink();
  last_call_ = last_read();
  Exchange& exchange = stream.exchange();
  const bool early = error_code != NGHTTP2_NO_ERROR || !stream.reply_sent();
  const bool left = early && !stream.reset_by_gateway();
  const bool late = exchange.IsAtDeadline(last_read());
  const bool hasty = !exchange.served() && exchange.timeout() < kHasty;
  served_ = served_ || exchange.served();
  if (exchange.served()) Earn(Work::kCall);
  exchange.OnClientClosed();
  delete &stream;
  if (hasty) Charge(Work::kHastyCall);
  // A client whose deadline has come breaks off what nobody waits for any more.
  return left && !late;
}

void Downstream::Pay(double work, const char* reason) {
  budget_.Charge(work, last_read());
  if (budget_.level(last_read()) < 0) return CutOff(reason);
  unsettled_ += work;
  if (unsettled_ >= kSettle && !Settle()) CutOff("too much work of its address");
}

bool Downstream::Settle() { return peer_->Pay(std::exchange(unsettled_, 0), last_read()); }

// Who only shakes hands, again and again, makes work too.
void Downstream::SettleAtEnd() {
  if (secure_ && !served_) unsettled_ += Work::kHandshake;
  if (!Settle() && cut_ == SteadyTime::max()) Blame("too many connections without a call");
}

void Downstream::Charge(double work) { Pay(work, "too much work for what it brings"); }

void Downstream::Earn(double work) {
  budget_.Give(work);
  unsettled_ -= work;
  if (unsettled_ <= -kSettle) Settle();
}

bool Downstream::OnBytes(std::string_view bytes) {
  Pay(Work::kRead + frames_.Pass(bytes), "too many frames that move nothing");
  return cut_ == SteadyTime::max();
}

void Downstream::OnInvalidFrame(const nghttp2_frame&) { Charge(Work::kRefusedStream); }

void Downstream::OnKeyUpdates(int count) {
  Pay(Work::kKeyUpdate * count, "too many TLS key updates");
}

void Downstream::OnOverflow() { CutOff("answers that it doesn't read"); }

bool Downstream::OnHeld(size_t bytes) {
  const int64_t more = static_cast<int64_t>(bytes) - held_;
  if (more > 0 && !peer_->unread_bytes().Take(more)) {
    CutOff("replies that it doesn't read");
    return false;
  }
  if (more < 0) peer_->unread_bytes().Give(-more);
  held_ += more;
  return true;
}

void Downstream::CutOff(const char* reason) {
  if (cut_ != SteadyTime::max()) return;
  cut_ = SteadyNow();
  state_ = State::kLeaving;
  Blame(reason);
  Terminate(NGHTTP2_ENHANCE_YOUR_CALM, reason);
}

void Downstream::Blame(const char* reason) {
  const SteadyTime now = SteadyNow();
  peer_->Strike(1, now);
  if (!peer_->MayLog(Peer::Topic::kConnection, now)) return;
  telemetry::Log(telemetry::Level::kWarn, "gateway", "client cut off")
      .Field("peer", peer_->address())
      .Field("reason", reason);
}

// Who only connects and leaves, as load balancers do that look whether the port is open, isn't
// worth a line.
void Downstream::LogFailedHandshake() {
  const SteadyTime now = SteadyNow();
  const std::string_view error = tls_error();
  const bool slow = now >= After(accepted_, host_.options().limits.handshake_timeout);
  if (error.empty() && !slow) return;
  peer_->Strike(kFailedHandshake, now);
  if (!peer_->MayLog(Peer::Topic::kConnection, now)) return;
  telemetry::Log(telemetry::Level::kInfo, "gateway", "handshake failed")
      .Field("peer", peer_->address())
      .Field("error", slow ? "too slow" : error);
}

// First a GOAWAY that refuses nothing; when the client has answered the PING behind it, no stream
// can be under way that we don't know of, and the final one follows (RFC 9113 6.8).
void Downstream::Drain() {
  if (closed()) return;
  if (!open()) return Close();
  if (state_ != State::kDraining && state_ != State::kLeaving) {
    state_ = State::kDraining;
    drain_since_ = SteadyNow();
    nghttp2_submit_shutdown_notice(session());
    nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, nullptr);
  }
  for (Http2Stream& stream : streams_) stream.exchange().OnDrain();
  Touch();
}

void Downstream::OnPingAnswer() {
  ping_sent_ = SteadyTime::max();
  if (state_ == State::kDraining) SendFinalGoaway();
}

void Downstream::SendFinalGoaway() {
  state_ = State::kLeaving;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  Touch();
}

void Downstream::Tick(SteadyTime now) {
  const Limits& limits = host_.options().limits;
  const bool no_hello =
      state_ == State::kStarting && now >= After(accepted_, limits.handshake_timeout);
  const bool no_headers =
      headers_since_ != SteadyTime::max() && now >= After(headers_since_, limits.header_timeout);
  const bool cut = cut_ != SteadyTime::max() && now >= After(cut_, kFarewell);
  if (no_hello || no_headers || cut) return Close();
  if (!open()) return;
  if (state_ == State::kDraining && now >= After(drain_since_, kDrainPing)) SendFinalGoaway();
  if (streams_.empty() && now >= After(last_call_, limits.idle_timeout)) Drain();
  for (Http2Stream& stream : streams_) stream.exchange().OnTick(now);
  CheckKeepalive(now);
}

void Downstream::CheckKeepalive(SteadyTime now) {
  const Limits& limits = host_.options().limits;
  if (ping_sent_ != SteadyTime::max()) {
    if (now >= After(ping_sent_, limits.keepalive_timeout)) Close();
    return;
  }
  if (now < After(last_read(), limits.keepalive_interval)) return;
  ping_sent_ = now;
  nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, nullptr);
  Touch();
}

}  // namespace baliprocess::gateway
