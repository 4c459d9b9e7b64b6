#include "services/gateway/net/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "services/gateway/net/reactor.h"
#include "services/gateway/net/session.h"

namespace baliprocess::gateway {
namespace {

// Output is made in portions, so that a peer that doesn't read makes nothing pile up here.
constexpr size_t kWriteTarget = 128 << 10;

// Frames waiting in the session beyond this are replies to what a client sends without reading.
constexpr size_t kMaxQueuedFrames = 10000;

// What a client has caused with one read, such as refusals of its calls, is sent before others are
// read when it is so much: these calls are in memory until then.
constexpr size_t kManyAnswers = 50;

// The same of bytes that are on their way into the socket: of a session's own output there are no
// more than kWriteTarget and a frame, but TLS has answers of its own to send.
constexpr size_t kMaxOutgoing = 512 << 10;

// Frames waiting in a client's session. Towards a service, calls may wait that are more than it
// takes at once: these don't count.
size_t AnswersOf(nghttp2_session* session) {
  if (session == nullptr || nghttp2_session_check_server_session(session) == 0) return 0;
  return nghttp2_session_get_outbound_queue_size(session);
}

}  // namespace

Connection::Connection(Reactor& reactor) : reactor_(reactor), last_read_(SteadyNow()) {}

bool Connection::Open(UniqueFd socket) {
  reactor_.poller().Forget(*this);
  socket_ = std::move(socket);
  return reactor_.poller().Add(socket_.get(), *this);
}

void Connection::Start(std::unique_ptr<TlsChannel> tls) {
  const int on = 1;
  // Fails on Unix sockets, where there is nothing to set.
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  started_ = true;
  last_read_ = SteadyNow();
  tls_ = std::move(tls);
  if (!tls_) OnOpen();
}

void Connection::StartSession(bool server) {
  session_.reset(NewSession(*this, server, reactor_.options().limits));
  if (session_) Touch();
}

void Connection::OnReady(uint32_t events) {
  const auto self = shared_from_this();
  if (!started_) OnConnect();
  if (closed_ || !started_) return;
  if (blocked_ && (events & EPOLLOUT) != 0) {
    blocked_ = false;
    Write();
    if (!closed_ && !blocked_) Touch();
  }
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) ending_ = true;
  if (closed_) return;
  if (deaf_ && ending_) return Close();
  if (!deaf_ && (ending_ || (events & EPOLLIN) != 0)) Read();
}

// One read a turn. A full buffer says that more is waiting, and behind the last bytes is the end.
void Connection::Read() {
  const auto buffer = reactor_.read_buffer();
  const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return Close();
  last_read_ = SteadyNow();
  if (!Process({buffer.data(), static_cast<size_t>(size)})) return Close();
  Touch();
  if (AnswersOf(session_.get()) >= kManyAnswers) Flush();
  if (closed_) return;
  EndIfOver();
  if (closed_) return;
  if (ending_ || static_cast<size_t>(size) == buffer.size()) reactor_.poller().Again(*this);
}

// False when the connection can't go on.
bool Connection::Process(std::string_view bytes) {
  if (!tls_) return Consume(bytes);
  tls_->Feed(bytes);
  const auto plaintext = reactor_.plaintext_buffer();
  while (true) {
    const size_t size = tls_->Read(plaintext.data(), plaintext.size());
    if (!session_ && tls_->state() == TlsChannel::State::kOpen) OnOpen();
    if (size > 0) {
      if (!Consume({plaintext.data(), size})) return false;
      continue;
    }
    const int updates = tls_->TakeKeyUpdates();
    if (updates > 0) OnKeyUpdates(updates);
    if (updates == 0 || deaf_ || !tls_->has_more()) break;
  }
  if (Overflows()) return false;
  if (!outgoing_.empty()) reactor_.MarkDirty(*this, dirty_);
  if (tls_->state() != TlsChannel::State::kOver) return true;
  Flush();  // the alert that says why
  return false;
}

bool Connection::Consume(std::string_view bytes) {
  if (!session_) return false;
  if (deaf_ || !OnBytes(bytes)) return true;
  const ssize_t n = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  // Answers that nghttp2 has to send, more than it keeps.
  if (n == NGHTTP2_ERR_FLOODED) OnOverflow();
  return deaf_ || (n >= 0 && !Overflows());
}

bool Connection::Overflows() {
  const bool queue = AnswersOf(session_.get()) >= kMaxQueuedFrames;
  if (!queue && outgoing_.size() < kMaxOutgoing) return false;
  OnOverflow();
  return !deaf_;
}

void Connection::Touch() {
  if (dirty_ || !session_ || nghttp2_session_want_write(session_.get()) == 0) return;
  reactor_.MarkDirty(*this, dirty_);
}

void Connection::Flush() {
  dirty_ = false;
  if (closed_ || blocked_) return;
  // The buffer is lent by the reactor while it has contents, so idle connections hold none.
  if (outgoing_.empty()) outgoing_.swap(reactor_.spare_output());
  if (!Produce()) return Close();
  Write();
}

bool Connection::Produce() {
  more_to_write_ = false;
  if (!session_) return true;
  std::string& plaintext = reactor_.plaintext_output();
  plaintext.clear();
  produced_ = tls_ ? &plaintext : &outgoing_;
  while (produced_->size() < kWriteTarget) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
    if (size < 0) return false;
    if (size == 0) return !tls_ || tls_->Write(plaintext);
    produced_->append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  }
  more_to_write_ = true;
  return !tls_ || tls_->Write(plaintext);
}

void Connection::Write() {
  if (!outgoing_.empty()) {
    const ssize_t size = send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN) return Close();
    outgoing_.erase(0, static_cast<size_t>(std::max<ssize_t>(size, 0)));
    blocked_ = !outgoing_.empty();
    if (!OnHeld(outgoing_.size())) return Close();
    if (blocked_) return;
  }
  if (outgoing_.capacity() > reactor_.spare_output().capacity())
    outgoing_.swap(reactor_.spare_output());
  std::string().swap(outgoing_);
  if (more_to_write_) reactor_.MarkDirty(*this, dirty_);
  EndIfOver();
}

// A session that wants neither to read nor to write has said its last GOAWAY.
void Connection::EndIfOver() {
  if (closed_ || !session_ || !outgoing_.empty()) return;
  if (nghttp2_session_want_read(session_.get()) != 0) return;
  if (nghttp2_session_want_write(session_.get()) != 0) return;
  if (tls_) {
    tls_->Shutdown();
    send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
  }
  Close();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  reactor_.poller().Forget(*this);
  socket_.Close();
  // First the session, then the calls: nothing may be submitted to a session that dies.
  session_.reset();
  OnClosed();
}

void Connection::Reset(int32_t stream_id, uint32_t error_code) {
  if (!session_) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream_id, error_code);
  Touch();
}

void Connection::Terminate(uint32_t code, std::string_view reason) {
  if (!session_) return;
  deaf_ = true;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), code,
                        reinterpret_cast<const uint8_t*>(reason.data()), reason.size());
  nghttp2_session_terminate_session(session_.get(), code);
  Touch();
}

std::string_view Connection::tls_error() const { return tls_ ? tls_->error() : std::string_view(); }

}  // namespace baliprocess::gateway
