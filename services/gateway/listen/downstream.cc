#include "services/gateway/listen/downstream.h"

#include <utility>

#include "services/gateway/calls/call_host.h"

namespace baliprocess::gateway {
namespace {

// How long a client may take to answer the PING that tells when the final GOAWAY can be sent.
constexpr absl::Duration kDrainPing = absl::Seconds(2);

}  // namespace

Downstream::Downstream(CallHost& host, std::string peer, std::function<void(Downstream&)> on_closed)
    : Connection(host),
      host_(host),
      peer_(std::move(peer)),
      on_closed_(std::move(on_closed)),
      accepted_(SteadyNow()),
      last_call_(accepted_),
      window_start_(accepted_) {}

void Downstream::Serve(UniqueFd socket, SSL_CTX* tls) {
  if (!Connection::Open(std::move(socket))) return Close();
  Start(tls == nullptr ? nullptr : std::make_unique<TlsChannel>(tls, outgoing()));
}

void Downstream::OnOpen() { StartSession(true); }

void Downstream::OnClosed() {
  state_ = State::kLeaving;
  while (!calls_.empty()) {
    Call& call = calls_.front();
    calls_.pop_front();
    call.OnClientClosed();
    intrusive_ptr_release(&call);
  }
  on_closed_(*this);
}

Call* Downstream::FindCall(int32_t stream_id) {
  return static_cast<Call*>(nghttp2_session_get_stream_user_data(session(), stream_id));
}

void Downstream::OnBeginHeaders(const nghttp2_frame& frame) {
  headers_since_ = last_read();
  headers_stream_ = frame.hd.stream_id;
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return;
  Call* call = new Call(host_, *this, frame.hd.stream_id, peer_);
  intrusive_ptr_add_ref(call);
  calls_.push_back(*call);
  nghttp2_session_set_stream_user_data(session(), frame.hd.stream_id, call);
}

void Downstream::OnHeader(const nghttp2_frame& frame, nghttp2_rcbuf* name, nghttp2_rcbuf* value,
                          uint8_t flags) {
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return;  // gRPC knows no request trailers
  if (Call* call = FindCall(frame.hd.stream_id)) call->AddRequestField(name, value, flags);
}

void Downstream::OnFrame(const nghttp2_frame& frame) {
  const Limits& limits = host_.options().limits;
  const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS: {
      headers_since_ = SteadyTime::max();
      last_call_ = last_read();
      Call* call = FindCall(frame.hd.stream_id);
      if (call == nullptr) break;
      if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        call->OnRequestHeaders(end);
      } else if (end) {
        call->OnRequestEnd();
      }
      break;
    }
    case NGHTTP2_DATA:
      if (end) {
        if (Call* call = FindCall(frame.hd.stream_id)) call->OnRequestEnd();
      } else if (frame.hd.length == 0) {
        CountAbuse(control_frames_, limits.max_control_frames);
      }
      break;
    case NGHTTP2_SETTINGS:
      if (state_ == State::kStarting) state_ = State::kServing;
      CountAbuse(control_frames_, limits.max_control_frames);
      break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) OnPingAnswer();
      CountAbuse(control_frames_, limits.max_control_frames);
      break;
    case NGHTTP2_PRIORITY:
      CountAbuse(control_frames_, limits.max_control_frames);
      break;
    default:
      break;
  }
}

void Downstream::OnData(int32_t stream_id, std::string_view bytes) {
  if (Call* call = FindCall(stream_id)) call->OnRequestData(bytes);
}

void Downstream::OnFrameSent(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  if (Call* call = FindCall(frame.hd.stream_id)) call->OnReplySent();
}

// Streams that end before their reply was sent, by the client's doing, are counted: whether it
// reset them itself, with whatever code (rapid reset, CVE-2023-44487), or made nghttp2 do so with
// frames that break the rules (CVE-2025-8671).
void Downstream::OnStreamClosed(int32_t stream_id, uint32_t error_code) {
  // Headers that break the rules are never reported as complete: the stream ends instead.
  if (stream_id == headers_stream_) headers_since_ = SteadyTime::max();
  Call* call = FindCall(stream_id);
  if (call == nullptr) return;
  static_cast<ClientHook*>(call)->unlink();
  last_call_ = last_read();
  const bool early = error_code != NGHTTP2_NO_ERROR || !call->reply_sent();
  const bool abuse = early && !call->reset_by_gateway();
  call->OnClientClosed();
  intrusive_ptr_release(call);
  if (abuse) CountAbuse(resets_, host_.options().limits.max_resets);
}

void Downstream::CountAbuse(int& count, int limit) {
  if (last_read() - window_start_ >
      absl::ToChronoNanoseconds(host_.options().limits.abuse_window)) {
    window_start_ = last_read();
    resets_ = control_frames_ = 0;
  }
  if (++count <= limit || state_ == State::kLeaving) return;
  state_ = State::kLeaving;
  Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
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
  for (Call& call : calls_) call.OnDrain();
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
  if (no_hello || no_headers) return Close();
  if (!open()) return;
  if (state_ == State::kDraining && now >= After(drain_since_, kDrainPing)) SendFinalGoaway();
  if (calls_.empty() && now >= After(last_call_, limits.idle_timeout)) Drain();
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
