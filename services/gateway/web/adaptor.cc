#include "services/gateway/web/adaptor.h"

#include <algorithm>

#include "common/base/errors.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/net/http_date.h"

namespace baliprocess::gateway {
namespace {

// Bytes are taken from the call while fewer than this wait for the client.
constexpr size_t kAhead = 32 << 10;

}  // namespace

Adaptor::Adaptor(CallHost& host, ClientStream& client, RequestHead head, TextFields extra)
    : host_(host),
      extra_(std::move(extra)),
      client_(&client),
      peer_(client.peer()),
      call_(new Call(host, *this, std::move(head))) {}

void Adaptor::OnReplySent() { call_->OnReplySent(); }

void Adaptor::OnClientClosed() {
  call_->OnClientClosed();
  peer_->unread_bytes().Give(std::exchange(counted_, 0));
  if (place_) peer_->calls_held().Give(1);
  client_ = nullptr;
}

// The call judges what waits on its side; what waits here has left it.
void Adaptor::OnTick(SteadyTime now) {
  call_->OnTick(now);
  if (reader_.HasStopped(!out_.empty(), now, host_.options().limits.reply_timeout)) {
    call_->RefuseSlowReader();
    GiveUp(NGHTTP2_CANCEL);
  }
}

void Adaptor::SendHead(const std::vector<nghttp2_nv>& fields, Body* body) {
  source_ = body;
  TextFields copy = CopyOf(fields);
  OnReplyHead(copy);
  if (body == nullptr) return OnReplyEnd(copy);
  Pull();
}

void Adaptor::SendTrailers(const std::vector<nghttp2_nv>& fields) { trailers_ = CopyOf(fields); }

void Adaptor::Resume() {
  Pull();
  ResumeClient();
}

void Adaptor::Pull() {
  constexpr size_t kPiece = 16 << 10;
  if (std::exchange(pulling_, true)) return;
  std::string bytes;
  while (source_ != nullptr && out_.size() < kAhead) {
    uint32_t flags = 0;
    const ssize_t size = source_->Read(kPiece, &flags);
    if (size < 0) break;  // deferred: Resume comes when there is more
    bytes.clear();
    if (size > 0) source_->Move(static_cast<size_t>(size), bytes);
    const bool ended = (flags & NGHTTP2_DATA_FLAG_EOF) != 0;
    if (ended) source_ = nullptr;
    if (!bytes.empty()) OnReplyBytes(bytes);
    if (ended) OnReplyEnd(trailers_);
  }
  pulling_ = false;
}

void Adaptor::SendHeadToClient(int http_status, const TextFields& fields, bool with_body) {
  if (with_body && !TakePlace()) {
    call_->EndUnread();
    return GiveUp(NGHTTP2_ENHANCE_YOUR_CALM);
  }
  const std::string status = std::to_string(http_status);
  const std::string date = HttpDate(absl::Now());
  std::vector<nghttp2_nv> all = {CopiedField(":status", status), CopiedField("date", date)};
  AppendTo(fields, all);
  AppendTo(extra_, all);
  // As gRPC's own clients are told.
  constexpr char kPrevious[] = "grpc-previous-rpc-attempts";
  const std::string previous = std::to_string(call_->attempts() - 1);
  if (call_->attempts() > 1 && FindField(fields, kPrevious).empty()) {
    all.push_back(CopiedField(kPrevious, previous));
  }
  call_->set_http_status(http_status);
  client_->SendHead(all, with_body ? this : nullptr);
}

// Of calls that have begun. What is refused before has no place, and might wait for its reader.
bool Adaptor::TakePlace() {
  return call_->counted() || place_ || (place_ = peer_->calls_held().Take(1));
}

void Adaptor::SendToClient(std::string_view bytes) {
  out_.Append(bytes);
  if (CountUnread()) ResumeClient();
}

void Adaptor::EndToClient() {
  out_ended_ = true;
  ResumeClient();
}

bool Adaptor::Hold(size_t bytes) {
  held_ = bytes;
  return CountUnread();
}

void Adaptor::ResumeClient() {
  if (client_ == nullptr || (out_.empty() && !out_ended_)) return;
  if (std::exchange(deferred_, false)) client_->Resume();
}

// A little is free, as it is of calls.
bool Adaptor::CountUnread() {
  constexpr size_t kSmall = 5 << 10;
  const size_t waiting = out_.size() + held_;
  const auto more = static_cast<int64_t>(waiting > kSmall ? waiting : 0) - counted_;
  if (more < 0) peer_->unread_bytes().Give(-more);
  if (more > 0 && !peer_->unread_bytes().Take(more)) {
    call_->EndUnread();
    GiveUp(NGHTTP2_ENHANCE_YOUR_CALM);
    return false;
  }
  counted_ += more;
  return true;
}

void Adaptor::GiveUp(uint32_t error_code) {
  source_ = nullptr;
  out_.Clear();
  out_ended_ = false;  // what is left isn't the whole
  client_->Reset(error_code);
}

ssize_t Adaptor::Read(size_t length, uint32_t* flags) {
  if (out_.size() < length) Pull();
  const size_t size = std::min(length, out_.size());
  if (size == 0 && !out_ended_) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  if (size > 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (out_ended_ && size == out_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(size);
}

void Adaptor::Move(size_t size, std::string& out) {
  out.append(out_.front().substr(0, size));
  out_.Pop(size);
  reader_.Moved(size);
  if (counted_ > 0) CountUnread();
}

}  // namespace baliprocess::gateway
