#include "services/gateway/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <utility>

#include <boost/asio/buffer.hpp>

#include "services/gateway/event_loop.h"
#include "services/gateway/session.h"

namespace baliprocess::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Output is made in portions, so that a peer that doesn't read makes nothing pile up here.
constexpr size_t kWriteTarget = 128 << 10;

// Frames waiting in the session beyond this are replies to what a client sends without reading.
// Towards a service, calls may wait that are more than it takes at once.
constexpr size_t kMaxQueuedFrames = 10000;

bool FloodsQueue(nghttp2_session* session) {
  return nghttp2_session_check_server_session(session) != 0 &&
         nghttp2_session_get_outbound_queue_size(session) >= kMaxQueuedFrames;
}

}  // namespace

Connection::Connection(EventLoop& loop, Socket socket, size_t read_buffer)
    : loop_(loop),
      socket_(std::move(socket)),
      read_buffer_size_(read_buffer),
      last_read_(SteadyNow()) {}

void Connection::Start(std::unique_ptr<TlsChannel> tls) {
  error_code error;
  socket_.non_blocking(true, error);
  const int on = 1;
  // Fails on Unix sockets, where there is nothing to set.
  setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  read_buffer_ = std::make_unique_for_overwrite<char[]>(read_buffer_size_);
  last_read_ = SteadyNow();
  tls_ = std::move(tls);
  if (!tls_) OnOpen();
  if (!closed_) AwaitRead();
}

void Connection::StartSession(bool server) {
  session_.reset(NewSession(*this, server, loop_.options().limits));
  if (session_) Touch();
}

void Connection::AwaitRead() {
  socket_.async_read_some(asio::buffer(read_buffer_.get(), read_buffer_size_),
                          [self = shared_from_this()](error_code error, size_t size) {
                            if (self->closed_) return;
                            if (error) return self->Close();
                            self->OnRead(size);
                          });
}

void Connection::OnRead(size_t size) {
  last_read_ = SteadyNow();
  const bool fine = Process({read_buffer_.get(), size}) && (size < read_buffer_size_ || ReadMore());
  if (!fine) return Close();
  Touch();
  EndIfOver();
  if (!closed_) AwaitRead();
}

// A full buffer says that more is waiting: takes it with one large read.
bool Connection::ReadMore() {
  error_code error;
  const auto buffer = loop_.read_buffer();
  const size_t size = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (error == asio::error::would_block) return true;
  return !error && Process({buffer.data(), size});
}

// False when the connection can't go on.
bool Connection::Process(std::string_view bytes) {
  if (!tls_) return Consume(bytes);
  tls_->Feed(bytes);
  const auto plaintext = loop_.plaintext_buffer();
  while (true) {
    const size_t size = tls_->Read(plaintext.data(), plaintext.size());
    if (!session_ && tls_->state() == TlsChannel::State::kOpen) OnOpen();
    if (size == 0) break;
    if (!Consume({plaintext.data(), size})) return false;
  }
  if (!outgoing_.empty()) loop_.MarkDirty(*this, dirty_);
  if (tls_->state() != TlsChannel::State::kOver) return true;
  Flush();  // the alert that says why
  return false;
}

bool Connection::Consume(std::string_view bytes) {
  if (!session_) return false;
  const ssize_t n = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  return n >= 0 && !FloodsQueue(session_.get());
}

void Connection::Touch() {
  if (dirty_ || !session_ || nghttp2_session_want_write(session_.get()) == 0) return;
  loop_.MarkDirty(*this, dirty_);
}

void Connection::Flush() {
  dirty_ = false;
  if (closed_ || awaiting_writable_) return;
  // The buffer is lent by the loop while it has contents, so idle connections hold none.
  if (outgoing_.empty()) outgoing_.swap(loop_.spare_output());
  if (!Produce()) return Close();
  Write();
}

bool Connection::Produce() {
  more_to_write_ = false;
  if (!session_) return true;
  std::string& plaintext = loop_.plaintext_output();
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
    error_code error;
    const size_t size = socket_.write_some(asio::buffer(outgoing_.data(), outgoing_.size()), error);
    if (error && error != asio::error::would_block) return Close();
    if (size < outgoing_.size()) {
      outgoing_.erase(0, size);
      return AwaitWritable();
    }
    outgoing_.clear();
  }
  if (outgoing_.capacity() > loop_.spare_output().capacity()) outgoing_.swap(loop_.spare_output());
  std::string().swap(outgoing_);
  if (more_to_write_) loop_.MarkDirty(*this, dirty_);
  EndIfOver();
}

void Connection::AwaitWritable() {
  awaiting_writable_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](error_code error) {
    self->awaiting_writable_ = false;
    if (self->closed_) return;
    if (error) return self->Close();
    self->Write();
    if (!self->closed_ && !self->awaiting_writable_) self->Touch();
  });
}

// A session that wants neither to read nor to write has said its last GOAWAY.
void Connection::EndIfOver() {
  if (closed_ || !session_ || !outgoing_.empty()) return;
  if (nghttp2_session_want_read(session_.get()) != 0) return;
  if (nghttp2_session_want_write(session_.get()) != 0) return;
  if (tls_) {
    tls_->Shutdown();
    error_code error;
    socket_.write_some(asio::buffer(outgoing_.data(), outgoing_.size()), error);
  }
  Close();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  error_code error;
  socket_.shutdown(Socket::shutdown_both, error);
  socket_.close(error);
  // First the session, then the calls: nothing may be submitted to a session that dies.
  session_.reset();
  OnClosed();
}

void Connection::Reset(int32_t stream_id, uint32_t error_code) {
  if (!session_) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream_id, error_code);
  Touch();
}

void Connection::Terminate(uint32_t code) {
  if (!session_) return;
  nghttp2_session_terminate_session(session_.get(), code);
  Touch();
}

}  // namespace baliprocess::gateway
