#include "services/gateway/net/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "services/gateway/net/reactor.h"

namespace baliprocess::gateway {
namespace {

// Output is made in portions, so that a peer that doesn't read makes nothing pile up here.
constexpr size_t kWriteTarget = 128 << 10;

// Answers waiting in the codec beyond this are to what a client sends without reading.
constexpr size_t kMaxAnswers = 10000;

// What a client has caused with one read, such as refusals of its calls, is sent before others are
// read when it is so much: these calls are in memory until then.
constexpr size_t kManyAnswers = 50;

// The same of bytes that are on their way into the socket: of a codec's own output there are no
// more than kWriteTarget and a frame, but TLS has answers of its own to send.
constexpr size_t kMaxOutgoing = 512 << 10;

}  // namespace

Connection::Connection(Reactor& reactor, Traffic& traffic)
    : reactor_(reactor), traffic_(traffic), last_read_(SteadyNow()) {}

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
  if (tls_) return;
  opened_ = true;
  OnOpen();
}

void Connection::WatchPeer(absl::Duration silence, absl::Duration interval, int probes) {
  const auto set = [this](int level, int option, int64_t number) {
    const int value = static_cast<int>(number);
    setsockopt(socket_.get(), level, option, &value, sizeof(value));
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, std::max<int64_t>(1, absl::ToInt64Seconds(silence)));
  set(IPPROTO_TCP, TCP_KEEPINTVL, std::max<int64_t>(1, absl::ToInt64Seconds(interval)));
  set(IPPROTO_TCP, TCP_KEEPCNT, probes);
}

void Connection::Speak(Codec& codec) {
  codec_ = &codec;
  Touch();
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
  if (lingering_) return Discard();
  if (deaf_ && ending_) return Close();
  if (!deaf_ && (ending_ || (events & EPOLLIN) != 0)) Read();
}

// One read a turn. A full buffer says that more is waiting, and behind the last bytes is the end.
void Connection::Read() {
  const auto whole = reactor_.read_buffer();
  // What comes first is read as it is, for a client of HTTP/2 sends the heads of many requests
  // before their bodies, and a head without its body counts as unfinished.
  const size_t appetite = codec_ != nullptr ? codec_->appetite() : whole.size();
  const auto buffer = whole.first(std::min(whole.size(), appetite));
  if (buffer.empty()) {
    sated_ = true;
    // Who has sent its last has gone, and reads no reply.
    if (ending_) Close();
    return;
  }
  const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return Close();
  last_read_ = SteadyNow();
  traffic_.received.Add(static_cast<uint64_t>(size));
  if (!Process({buffer.data(), static_cast<size_t>(size)})) return Close();
  Touch();
  if (codec_ != nullptr && codec_->answers() >= kManyAnswers) Flush();
  if (closed_) return;
  EndIfOver();
  if (closed_) return;
  if (ending_ || static_cast<size_t>(size) == buffer.size()) reactor_.poller().Again(*this);
}

void Connection::ReadOn() {
  if (std::exchange(sated_, false) && !closed_) reactor_.poller().Again(*this);
}

// One read a turn here too.
void Connection::Discard() {
  const auto buffer = reactor_.read_buffer();
  const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return Close();
  reactor_.poller().Again(*this);
}

// False when the connection can't go on.
bool Connection::Process(std::string_view bytes) {
  if (!tls_) return Consume(bytes);
  tls_->Feed(bytes);
  const auto plaintext = reactor_.plaintext_buffer();
  while (true) {
    const size_t size = tls_->Read(plaintext.data(), plaintext.size());
    if (!opened_ && tls_->state() == TlsChannel::State::kOpen) {
      opened_ = true;
      OnOpen();
    }
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
  if (deaf_ || !OnBytes(bytes)) return true;
  if (codec_ == nullptr) return false;
  const Codec::Taken taken = codec_->Take(bytes);
  if (taken == Codec::Taken::kFlooded) OnOverflow();
  if (taken == Codec::Taken::kBroken) OnBroken();
  return deaf_ || (taken == Codec::Taken::kGood && !Overflows());
}

bool Connection::Overflows() {
  const bool answers = codec_ != nullptr && codec_->answers() >= kMaxAnswers;
  if (!answers && outgoing_.size() < kMaxOutgoing) return false;
  OnOverflow();
  return !deaf_;
}

void Connection::Touch() {
  if (dirty_ || codec_ == nullptr || !codec_->wants_write()) return;
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
  if (codec_ == nullptr) return true;
  std::string& plaintext = reactor_.plaintext_output();
  plaintext.clear();
  const Codec::Made made = codec_->Produce(kWriteTarget, tls_ ? plaintext : outgoing_);
  if (made == Codec::Made::kLost) return false;
  more_to_write_ = made == Codec::Made::kMore;
  return !tls_ || tls_->Write(plaintext);
}

void Connection::Write() {
  if (!outgoing_.empty()) {
    const ssize_t size = send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN) return Close();
    const auto sent = static_cast<size_t>(std::max<ssize_t>(size, 0));
    traffic_.sent.Add(sent);
    outgoing_.erase(0, sent);
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

void Connection::EndIfOver() {
  if (closed_ || lingering_ || codec_ == nullptr || !outgoing_.empty() || !codec_->over()) return;
  if (tls_) {
    tls_->Shutdown();
    send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    outgoing_.clear();
  }
  if (!lingers_at_end_) return Close();
  shutdown(socket_.get(), SHUT_WR);
  deaf_ = lingering_ = true;
  reactor_.poller().Again(*this);
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  reactor_.poller().Forget(*this);
  if (blocked_) {
    // The peer doesn't read, and won't get all. Megabytes that the kernel has for it would stay
    // for minutes.
    const linger none = {1, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
  }
  socket_.Close();
  codec_ = nullptr;
  OnClosed();
}

std::string_view Connection::tls_error() const { return tls_ ? tls_->error() : std::string_view(); }

}  // namespace baliprocess::gateway
