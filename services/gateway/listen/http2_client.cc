#include "services/gateway/listen/http2_client.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/header_rules.h"
#include "services/gateway/listen/downstream.h"

namespace baliprocess::gateway {
namespace {

// How long a client may take to answer the PING that tells when the final GOAWAY can be sent.
constexpr absl::Duration kDrainPing = absl::Seconds(2);

// What that PING has, so that the answer to a PING from before isn't taken for its answer.
constexpr uint8_t kFarewell[] = {'f', 'a', 'r', 'e', 'w', 'e', 'l', 'l'};

}  // namespace

Http2Client::Http2Client(Downstream& connection)
    : connection_(connection),
      limits_(connection.host().options().limits),
      http2_(connection, *this) {}

std::unique_ptr<Http2Client> Http2Client::Create(Downstream& connection) {
  std::unique_ptr<Http2Client> client(new Http2Client(connection));
  if (!client->http2_.Start(true, client->limits_)) return nullptr;
  return client;
}

// nghttp2 takes long strings of heads as what they say (net/head_unpacker.h).
Codec::Taken Http2Client::Take(std::string_view bytes) {
  HeadUnpacker& unpacker = connection_.host().unpacker();
  const char* from = bytes.data();  // what nghttp2 hasn't taken yet
  while (!bytes.empty()) {
    const FrameScanner::Piece piece = frames_.Next(bytes);
    if (!piece.whole) continue;
    const std::string_view frame = unpacker.Unpack(piece.bytes, *piece.begun);
    if (frame.empty()) continue;
    const Taken before = http2_.Take({from, piece.bytes.data()});
    if (before != Taken::kGood) return before;
    grown_ = frame.size() - piece.bytes.size();
    const Taken taken = http2_.Take(frame);
    grown_ = 0;
    if (taken != Taken::kGood) return taken;
    from = bytes.data();
  }
  return http2_.Take({from, bytes.data()});
}

// First the session, then the calls: nothing may be submitted to a session that dies.
void Http2Client::OnClosed() {
  http2_.End();
  streams_.clear_and_dispose([](Http2Stream* stream) {
    stream->exchange().OnClientClosed();
    delete stream;
  });
}

Http2Stream* Http2Client::FindStream(int32_t stream_id) {
  return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session(), stream_id));
}

bool Http2Client::HeadFits() const { return head_.size() <= limits_.max_header_bytes; }

// The blocks of a connection's headers come one after the other (RFC 9113 4.3).
void Http2Client::OnBeginHeaders(const nghttp2_frame& frame) {
  headers_since_ = connection_.last_read();
  headers_stream_ = frame.hd.stream_id;
  trailer_bytes_ = 0;
  head_ = RequestHead();
}

bool Http2Client::OnHeader(const nghttp2_frame& frame, const ReceivedField& field) {
  const size_t limit = limits_.max_header_bytes;
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

void Http2Client::BeginExchange(int32_t stream_id, bool end) {
  auto* stream = new Http2Stream(http2_, stream_id, connection_);
  streams_.push_back(*stream);
  nghttp2_session_set_stream_user_data(session(), stream_id, stream);
  stream->set_exchange(connection_.host().MakeExchange(std::move(head_), *stream));
  stream->exchange().Begin(end);
}

void Http2Client::OnFrame(const nghttp2_frame& frame) {
  const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS: {
      headers_since_ = SteadyTime::max();
      headers_stream_ = 0;
      connection_.OnRequest();
      const bool request = frame.headers.cat == NGHTTP2_HCAT_REQUEST;
      if (!request || HeadFits())
        connection_.Earn(static_cast<double>(frame.hd.length - grown_) * Work::kHeadByte);
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
      connection_.OnGreeted();
      break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) OnPingAnswer(frame.ping);
      break;
    default:
      break;
  }
}

void Http2Client::OnData(int32_t stream_id, std::string_view bytes) {
  if (Http2Stream* stream = FindStream(stream_id)) stream->exchange().OnRequestData(bytes);
}

void Http2Client::OnFrameSent(const nghttp2_frame& frame) {
  const bool goaway = frame.hd.type == NGHTTP2_GOAWAY;
  // By nghttp2 itself, of what the client has sent.
  if (goaway && frame.goaway.error_code != NGHTTP2_NO_ERROR && state_ != State::kLeaving) {
    return connection_.OnBroken();
  }
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  if (Http2Stream* stream = FindStream(frame.hd.stream_id)) stream->OnReplySent();
}

// Streams that end before their reply was sent, by the client's doing, are counted: whether it
// reset them itself, with whatever code (rapid reset, CVE-2023-44487), or made nghttp2 do so with
// frames that break the rules (CVE-2025-8671).
void Http2Client::OnStreamClosed(int32_t stream_id, uint32_t error_code) {
  Http2Stream* stream = FindStream(stream_id);
  // Headers that break the rules are never reported as complete: the stream ends instead.
  const bool headless = stream == nullptr && stream_id == headers_stream_;
  if (stream_id == headers_stream_) headers_since_ = SteadyTime::max();
  if (headless) return connection_.OnBrokenOff();
  if (stream == nullptr) return;
  stream->unlink();
  const bool early = error_code != NGHTTP2_NO_ERROR || !stream->reply_sent();
  connection_.EndExchange(stream->exchange(), early && !stream->reset_by_gateway());
  delete stream;
}

void Http2Client::OnInvalidFrame(const nghttp2_frame&) { connection_.Charge(Work::kRefusedStream); }

void Http2Client::Leave(std::string_view reason) {
  state_ = State::kLeaving;
  http2_.Terminate(NGHTTP2_ENHANCE_YOUR_CALM, reason);
}

// First a GOAWAY that refuses nothing; when the client has answered the PING behind it, no stream
// can be under way that we don't know of, and the final one follows (RFC 9113 6.8).
void Http2Client::Drain() {
  if (state_ == State::kServing) {
    state_ = State::kDraining;
    drain_since_ = SteadyNow();
    nghttp2_submit_shutdown_notice(session());
    nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, kFarewell);
  }
  for (Http2Stream& stream : streams_) stream.exchange().OnDrain();
  http2_.Touch();
}

void Http2Client::OnPingAnswer(const nghttp2_ping& ping) {
  ping_sent_ = SteadyTime::max();
  const bool farewell = std::equal(std::begin(kFarewell), std::end(kFarewell), ping.opaque_data);
  if (state_ == State::kDraining && farewell) SendFinalGoaway();
}

void Http2Client::SendFinalGoaway() {
  state_ = State::kLeaving;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  http2_.Touch();
}

void Http2Client::Tick(SteadyTime now) {
  const bool no_headers =
      headers_since_ != SteadyTime::max() && now >= After(headers_since_, limits_.header_timeout);
  if (no_headers) return connection_.GiveUp("a request's head took too long to come");
  if (state_ == State::kDraining && now >= After(drain_since_, kDrainPing)) SendFinalGoaway();
  if (streams_.empty() && connection_.IsIdle(now)) Drain();
  for (Http2Stream& stream : streams_) stream.exchange().OnTick(now);
  CheckKeepalive(now);
}

void Http2Client::CheckKeepalive(SteadyTime now) {
  if (ping_sent_ != SteadyTime::max()) {
    if (now >= After(ping_sent_, limits_.keepalive_timeout)) connection_.Close();
    return;
  }
  if (now < After(connection_.last_read(), limits_.keepalive_interval)) return;
  ping_sent_ = now;
  nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, nullptr);
  http2_.Touch();
}

}  // namespace baliprocess::gateway
