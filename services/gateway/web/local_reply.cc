#include "services/gateway/web/local_reply.h"

#include <chrono>
#include <utility>

#include "common/base/errors.h"
#include "common/telemetry/log.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/net/http_date.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/work.h"

namespace baliprocess::gateway {
namespace {

// As of a call whose reply isn't read in time.
constexpr ErrorReason kUnread = api::v1::Error::TEMPORARILY_UNAVAILABLE;

std::string_view KindOf(int http_status) {
  if (http_status < 300) return "2xx";
  if (http_status < 400) return "3xx";
  return http_status < 500 ? "4xx" : "5xx";
}

}  // namespace

LocalReply::LocalReply(CallHost& host, ClientStream& client, LocalAnswer answer)
    : host_(host),
      client_(&client),
      peer_(client.peer()),
      answer_(std::move(answer)),
      start_(client.last_read()) {}

void LocalReply::Begin(bool end) {
  request_ended_ = end;
  host_.call_counts().own_replies.Add(KindOf(answer_.http_status));
  client_->Charge(Cost());
  const std::string status = std::to_string(answer_.http_status);
  const std::string length = std::to_string(answer_.body ? answer_.body->size() : 0);
  const std::string date = HttpDate(absl::Now());
  std::vector<nghttp2_nv> fields = {CopiedField(":status", status), CopiedField("date", date)};
  AppendTo(answer_.fields, fields);
  if (answer_.body) fields.push_back(CopiedField("content-length", length));
  const bool with_body = answer_.body && answer_.body->size() > 0 && !answer_.head_only;
  if (with_body) place_ = peer_->calls_held().Take(1);
  if (with_body && !place_) {
    client_->Charge(Work::kUnreadReply);
    return GiveUp(NGHTTP2_ENHANCE_YOUR_CALM);
  }
  client_->SendHead(fields, with_body ? this : nullptr);
}

double LocalReply::Cost() const {
  if (answer_.http_status >= 400) return Work::kErrorAnswer;
  const size_t size = answer_.body && !answer_.head_only ? answer_.body->size() : 0;
  return Work::kOwnReply + static_cast<double>(size) * Work::kMovedByte;
}

void LocalReply::OnRequestData(std::string_view bytes) {
  if (client_ != nullptr) client_->Consume(bytes.size());
}

void LocalReply::OnTick(SteadyTime now) {
  if (reader_.HasStopped(!reply_sent_, now, host_.options().limits.reply_timeout)) {
    GiveUp(NGHTTP2_CANCEL);
  }
}

void LocalReply::GiveUp(uint32_t error_code) {
  unread_ = true;
  host_.call_counts().refused[kUnread].Add();
  client_->Reset(error_code);
}

void LocalReply::OnReplySent() {
  reply_sent_ = true;
  if (!request_ended_) client_->Reset(NGHTTP2_NO_ERROR);
}

void LocalReply::OnClientClosed() {
  client_ = nullptr;
  if (place_) peer_->calls_held().Give(1);
  const SteadyTime now = SteadyNow();
  if (!host_.options().access_log) return;
  if (!peer_->MayLog(Peer::Topic::kCalls, now)) return;
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(now - start_);
  telemetry::LogLine line = telemetry::Log(telemetry::Level::kInfo, "access", "call");
  if (unread_) line.Field("reason", api::v1::Error::Reason_Name(kUnread));
  line.Field("method", answer_.page)
      .Field("http_status", answer_.http_status)
      .Field("duration_us", duration.count())
      .Field("peer", peer_->address())
      .Field("reply_bytes", sent_);
}

ssize_t LocalReply::Read(size_t length, uint32_t* flags) {
  piece_.clear();
  if (!answer_.body->Read(length, piece_)) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (sent_ + piece_.size() == answer_.body->size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(piece_.size());
}

void LocalReply::Move(size_t size, std::string& out) {
  out.append(piece_, 0, size);
  sent_ += size;
  reader_.Moved(size);
}

}  // namespace baliprocess::gateway
