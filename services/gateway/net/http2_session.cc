#include "services/gateway/net/http2_session.h"

#include <vector>

#include "services/gateway/net/frame.h"

namespace baliprocess::gateway {

// The connection's credit is given back as soon as bytes come. Memory is bounded by the windows of
// the streams.
constexpr int32_t kConnectionWindow = 4 << 20;

// So many bytes of fields make one HEADERS frame however they are coded: each may have as many as
// 16 KiB (RFC 9113 4.2).
constexpr size_t kSafeBlock = 8 << 10;

struct SessionCallbacks {
  static Http2Session& Self(void* user_data) { return *static_cast<Http2Session*>(user_data); }
  static Http2Session::Events& Events(void* user_data) { return Self(user_data).events_; }

  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    Events(self).OnBeginHeaders(*frame);
    return 0;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                      nghttp2_rcbuf* value, uint8_t flags, void* self) {
    return Events(self).OnHeader(*frame, {name, value, flags})
               ? 0
               : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    Events(self).OnFrame(*frame);
    return 0;
  }

  static int OnInvalidFrame(nghttp2_session*, const nghttp2_frame* frame, int, void* self) {
    Events(self).OnInvalidFrame(*frame);
    return 0;
  }

  static int OnData(nghttp2_session* session, uint8_t, int32_t stream_id, const uint8_t* data,
                    size_t size, void* self) {
    nghttp2_session_consume_connection(session, size);
    Events(self).OnData(stream_id, {reinterpret_cast<const char*>(data), size});
    return 0;
  }

  static int OnFrameSent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    Events(self).OnFrameSent(*frame);
    return 0;
  }

  static int OnStreamClosed(nghttp2_session*, int32_t stream_id, uint32_t error, void* self) {
    Events(self).OnStreamClosed(stream_id, error);
    return 0;
  }

  static int SendData(nghttp2_session*, nghttp2_frame*, const uint8_t* header, size_t size,
                      nghttp2_data_source* source, void* self) {
    std::string& out = *Self(self).produced_;
    out.append(reinterpret_cast<const char*>(header), 9);
    static_cast<Body*>(source->ptr)->Move(size, out);
    return 0;
  }

  static nghttp2_session_callbacks* Make() {
    nghttp2_session_callbacks* callbacks = nullptr;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) return nullptr;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback2(callbacks, OnHeader);
    // Fields that nghttp2 would leave out in silence, too: they count, and a token that can't be
    // read isn't the same as none.
    nghttp2_session_callbacks_set_on_invalid_header_callback2(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, OnInvalidFrame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnFrameSent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClosed);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, SendData);
    return callbacks;
  }
};

namespace {

nghttp2_option* MakeOption() {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) return nullptr;
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_outbound_ack(option, 256);
  // A blank at the end of a value is cut off (calls/header_rules.h): gRPC sends them in
  // grpc-message.
  nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1);
  // Our own count of resets (Downstream) cuts off earlier, and says why.
  nghttp2_option_set_stream_reset_rate_limit(option, 100000, 100000);
  return option;
}

void SubmitSettings(nghttp2_session* session, bool server, const Limits& limits) {
  std::vector<nghttp2_settings_entry> settings = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(limits.stream_window_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  if (server) {
    settings.push_back(
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.max_streams_per_connection});
    settings.push_back(
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits.max_header_bytes)});
  } else {
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t*, size_t length, uint32_t* flags,
                 nghttp2_data_source* source, void*) {
  return static_cast<Body*>(source->ptr)->Read(length, flags);
}

}  // namespace

nghttp2_data_provider ProviderOf(Body& body) {
  nghttp2_data_provider provider;
  provider.source.ptr = &body;
  provider.read_callback = ReadBody;
  return provider;
}

bool Http2Session::Start(bool server, const Limits& limits) {
  static nghttp2_session_callbacks* const callbacks = SessionCallbacks::Make();
  static nghttp2_option* const option = MakeOption();
  if (callbacks == nullptr || option == nullptr) return false;
  nghttp2_session* session = nullptr;
  const int error = server ? nghttp2_session_server_new2(&session, callbacks, this, option)
                           : nghttp2_session_client_new2(&session, callbacks, this, option);
  if (error != 0) return false;
  session_.reset(session);
  server_ = server;
  SubmitSettings(session, server, limits);
  return true;
}

// Where they don't fit into one frame for certain, nghttp2 codes all fields.
int32_t Http2Session::SendRequest(RequestFields& fields, Body* body, void* stream_user_data) {
  const bool apart = fields.size() <= kSafeBlock;
  std::vector<nghttp2_nv>& coded = fields.coded;
  if (!apart) coded.insert(coded.end(), fields.literals.begin(), fields.literals.end());
  nghttp2_data_provider provider = {};
  if (body != nullptr) provider = ProviderOf(*body);
  const int32_t id =
      nghttp2_submit_request(session_.get(), nullptr, coded.data(), coded.size(),
                             body == nullptr ? nullptr : &provider, stream_user_data);
  if (id > 0 && apart) literals_.Add(id, fields.literals);
  Touch();
  return id;
}

void Http2Session::Reset(int32_t stream_id, uint32_t error_code) {
  if (!session_) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream_id, error_code);
  Touch();
}

void Http2Session::Terminate(uint32_t code, std::string_view reason) {
  if (!session_) return;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), code,
                        reinterpret_cast<const uint8_t*>(reason.data()), reason.size());
  nghttp2_session_terminate_session(session_.get(), code);
  Touch();
}

Codec::Taken Http2Session::Take(std::string_view bytes) {
  const ssize_t n = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (n == NGHTTP2_ERR_FLOODED) return Taken::kFlooded;
  return n < 0 ? Taken::kBroken : Taken::kGood;
}

Codec::Made Http2Session::Produce(size_t target, std::string& out) {
  produced_ = &out;
  while (out.size() < target) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
    if (size < 0) return Made::kLost;
    if (size == 0) return Made::kAll;
    out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
    if (!literals_.empty()) AddLiterals(static_cast<size_t>(size), out);
  }
  return Made::kMore;
}

void Http2Session::AddLiterals(size_t frame_size, std::string& out) {
  const size_t at = out.size() - frame_size;
  if (frame_size < FrameHeader::kSize) return;
  const FrameHeader frame = FrameHeader::Read(std::string_view(out).substr(at));
  if (frame.type != NGHTTP2_HEADERS) return;
  literals_.MoveTo(frame.stream_id, out);
  FrameHeader::WriteLength(out.size() - at - FrameHeader::kSize, out.data() + at);
}

bool Http2Session::wants_write() const { return nghttp2_session_want_write(session_.get()) != 0; }

// One that wants neither to read nor to write has said its last GOAWAY.
bool Http2Session::over() const {
  return nghttp2_session_want_read(session_.get()) == 0 && !wants_write();
}

// Frames that wait in a client's session. Towards a service, calls may wait that are more than it
// takes at once: these don't count.
size_t Http2Session::answers() const {
  return server_ ? nghttp2_session_get_outbound_queue_size(session_.get()) : 0;
}

}  // namespace baliprocess::gateway
