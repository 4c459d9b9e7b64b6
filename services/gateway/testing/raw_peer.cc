#include "services/gateway/testing/raw_peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "absl/time/clock.h"

#include "services/gateway/testing/backend.h"

namespace baliprocess::gateway {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

std::vector<nghttp2_nv> ToNv(const RawPeer::Fields& fields) {
  std::vector<nghttp2_nv> nv;
  for (const auto& [name, value] : fields) {
    nv.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                  reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(),
                  value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return nv;
}

}  // namespace

struct RawCallbacks {
  static RawPeer& Self(void* self) { return *static_cast<RawPeer*>(self); }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t size, uint8_t flags,
                      void* self) {
    RawStream& stream = Self(self).streams_[frame->hd.stream_id];
    const std::string key(reinterpret_cast<const char*>(name), name_size);
    std::string& all = stream.headers[key];
    if (key == "vary" && !all.empty()) {
      all.append(", ").append(reinterpret_cast<const char*>(value), size);  // lines of one list
    } else {
      all.assign(reinterpret_cast<const char*>(value), size);
    }
    if ((flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0) stream.never_indexed.insert(key);
    return 0;
  }

  static int OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                    void* self) {
    Self(self).streams_[id].data.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    const bool of_stream = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (of_stream && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      Self(self).streams_[frame->hd.stream_id].ended = true;
    }
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      Self(self).streams_[frame->hd.stream_id].reset = frame->rst_stream.error_code;
    }
    const bool answer = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    if (frame->hd.type == NGHTTP2_PING && !answer) ++Self(self).pings_;
    if (frame->hd.type == NGHTTP2_GOAWAY) Self(self).goaway_ = frame->goaway.error_code;
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session* session, int32_t id, uint8_t* out, size_t length,
                          uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& body = *static_cast<RawPeer::Body*>(source->ptr);
    const size_t size = std::min(length, body.bytes.size() - body.sent);
    if (size == 0 && !body.end) return NGHTTP2_ERR_DEFERRED;
    memcpy(out, body.bytes.data() + body.sent, size);
    body.sent += size;
    if (!body.end || body.sent < body.bytes.size()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (body.trailers.empty()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const auto nv = ToNv(body.trailers);
    nghttp2_submit_trailer(session, id, nv.data(), nv.size());
    return static_cast<ssize_t>(size);
  }
};

RawPeer::RawPeer(int fd, bool server, std::vector<nghttp2_settings_entry> settings) : fd_(fd) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, RawCallbacks::OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, RawCallbacks::OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, RawCallbacks::OnFrame);
  // What is wrong must reach the other side.
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_http_messaging(option, 1);
  nghttp2_option_set_peer_max_concurrent_streams(option, 100000);
  if (server) {
    nghttp2_session_server_new2(&session_, callbacks, this, option);
  } else {
    nghttp2_session_client_new2(&session_, callbacks, this, option);
  }
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

RawPeer::~RawPeer() {
  nghttp2_session_del(session_);
  close(fd_);
}

std::unique_ptr<RawPeer> RawPeer::Connect(int port, std::vector<nghttp2_settings_entry> settings,
                                          int receive_buffer) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  const sockaddr_in address = Loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return nullptr;
  }
  return std::make_unique<RawPeer>(fd, false, std::move(settings));
}

bool RawPeer::Until(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + kSoon;
  while (!condition()) {
    if (over_ || absl::Now() > end) return false;
    TakeOutgoing();
    pollfd ready = {fd_, static_cast<short>(POLLIN | (outgoing_.empty() ? 0 : POLLOUT)), 0};
    if (poll(&ready, 1, 5) <= 0) continue;
    if ((ready.revents & POLLOUT) != 0) WriteOutgoing();
    if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    uint8_t buffer[16384];
    const ssize_t n = recv(fd_, buffer, sizeof(buffer), 0);
    over_ = n == 0 || (n < 0 && errno != EAGAIN) ||
            (n > 0 && nghttp2_session_mem_recv(session_, buffer, static_cast<size_t>(n)) < 0);
  }
  return true;
}

bool RawPeer::SendOnly() {
  const absl::Time end = absl::Now() + kSoon;
  TakeOutgoing();
  while (!outgoing_.empty()) {
    if (absl::Now() > end) return false;
    pollfd ready = {fd_, POLLOUT, 0};
    if (poll(&ready, 1, 5) > 0 && !WriteOutgoing()) return false;
    TakeOutgoing();
  }
  return true;
}

void RawPeer::TakeOutgoing() {
  const uint8_t* data = nullptr;
  ssize_t n = 0;
  while ((n = nghttp2_session_mem_send(session_, &data)) > 0) {
    outgoing_.append(reinterpret_cast<const char*>(data), static_cast<size_t>(n));
  }
}

bool RawPeer::WriteOutgoing() {
  const ssize_t n = send(fd_, outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
  if (n > 0) outgoing_.erase(0, static_cast<size_t>(n));
  return n >= 0 || errno == EAGAIN;
}

bool RawPeer::ClosedInSilence() {
  const absl::Time end = absl::Now() + kSoon;
  uint8_t buffer[16384];
  ssize_t n = -1;
  while (n != 0 && absl::Now() < end) {
    pollfd ready = {fd_, POLLIN, 0};
    if (poll(&ready, 1, 100) <= 0) continue;
    n = recv(fd_, buffer, sizeof(buffer), 0);
    if (n < 0 && errno != EAGAIN) return true;
  }
  return n == 0;
}

nghttp2_data_provider RawPeer::Provider(const std::string& body, bool end) {
  bodies_.push_back(std::make_unique<Body>(Body{body, 0, end, {}}));
  nghttp2_data_provider provider;
  provider.source.ptr = bodies_.back().get();
  provider.read_callback = RawCallbacks::ReadBody;
  return provider;
}

int32_t RawPeer::Request(const Fields& fields, const std::string& body, bool end) {
  Fields all = {{":method", "POST"},
                {":scheme", "http"},
                {":authority", "test"},
                {":path", "/baliprocess.membership.v1.MembershipService/GetMember"},
                {"content-type", "application/grpc"},
                {"te", "trailers"}};
  std::set<std::string> replaced;  // what comes twice is sent twice
  for (const auto& field : fields) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const auto& other) {
      return other.first == field.first && &other - all.data() < 6;
    });
    if (it != all.end() && replaced.insert(field.first).second) {
      it->second = field.second;
      if (field.first == "content-type" && field.second.empty()) all.erase(it);
    } else {
      all.push_back(field);
    }
  }
  auto nv = ToNv(all);
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].first == never_indexed_) nv[i].flags = NGHTTP2_NV_FLAG_NO_INDEX;
  }
  const nghttp2_data_provider provider = Provider(body, end);
  const bool empty = body.empty() && end;
  last_request_ = nghttp2_submit_request(session_, nullptr, nv.data(), nv.size(),
                                         empty ? nullptr : &provider, nullptr);
  return last_request_;
}

void RawPeer::Dribble(const std::string& bytes) {
  bodies_.back()->bytes += bytes;
  nghttp2_session_resume_data(session_, last_request_);
  const size_t wanted = bodies_.back()->bytes.size();
  Until([&] { return bodies_.back()->sent == wanted; });
}

void RawPeer::Reply(int32_t stream_id, const Fields& fields, const std::string& body) {
  const auto nv = ToNv(fields);
  const nghttp2_data_provider provider = Provider(body, false);
  nghttp2_submit_response(session_, stream_id, nv.data(), nv.size(), &provider);
}

void RawPeer::Reply(int32_t stream_id, const Fields& fields, const std::string& body,
                    const Fields& trailers) {
  const auto nv = ToNv(fields);
  const nghttp2_data_provider provider = Provider(body, true);
  bodies_.back()->trailers = trailers;
  nghttp2_submit_response(session_, stream_id, nv.data(), nv.size(), &provider);
}

void RawPeer::ReplyWhole(int32_t stream_id, const Fields& fields) {
  const auto nv = ToNv(fields);
  nghttp2_submit_response(session_, stream_id, nv.data(), nv.size(), nullptr);
}

RawListener::RawListener(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // Another one may take the port when this one has gone.
  const int on = 1;
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = Loopback(port);
  socklen_t size = sizeof(address);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd_, 16) == 0 &&
      getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port_ = ntohs(address.sin_port);
  }
}

RawListener::~RawListener() { close(fd_); }

std::unique_ptr<RawPeer> RawListener::Accept(std::vector<nghttp2_settings_entry> settings) {
  pollfd ready = {fd_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(kSoon))) != 1) return nullptr;
  const int fd = accept(fd_, nullptr, nullptr);
  if (fd < 0) return nullptr;
  return std::make_unique<RawPeer>(fd, true, std::move(settings));
}

}  // namespace baliprocess::gateway
