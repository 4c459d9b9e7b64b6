#include "services/gateway/upstream/health_watch.h"

#include <utility>
#include <vector>

#include "grpc/health/v1/health.pb.h"

#include "services/gateway/net/header_block.h"

namespace baliprocess::gateway {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kAskAgain = absl::Seconds(5);
constexpr size_t kPrefix = 5;        // of a message: not compressed, length
constexpr size_t kMaxAnswer = 1024;  // a HealthCheckResponse has two bytes

std::string Message(const std::string& bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  std::string message = {0, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                         static_cast<char>(size >> 8), static_cast<char>(size)};
  return message + bytes;
}

// The size that a message's prefix tells.
size_t Announced(std::string_view prefix) {
  size_t size = 0;
  for (size_t i = 1; i < kPrefix; ++i) size = size << 8 | static_cast<uint8_t>(prefix[i]);
  return size;
}

}  // namespace

HealthWatch::HealthWatch(Http2Session& session, TimerQueue& timers, std::string service,
                         std::function<void(bool)> told)
    : session_(session),
      timers_(timers),
      service_(std::move(service)),
      told_(std::move(told)),
      again_([this] { Ask(); }) {}

void HealthWatch::Start(const std::string& authority, bool tls) {
  authority_ = authority;
  tls_ = tls;
  Ask();
}

void HealthWatch::Ask() {
  HealthCheckRequest request;
  request.set_service(service_);
  request_ = Message(request.SerializeAsString());
  received_.clear();
  RequestFields fields;
  fields.coded = {
      SharedField(":method", "POST"),
      SharedField(":scheme", tls_ ? "https" : "http"),
      SharedField(":path", "/grpc.health.v1.Health/Watch"),
      SharedField(":authority", authority_),
      SharedField("content-type", "application/grpc"),
      SharedField("te", "trailers"),
  };
  const int32_t id = session_.SendRequest(fields, this, nullptr);
  stream_ = id > 0 ? id : 0;
  if (stream_ == 0) OnClosed();
}

void HealthWatch::Stop() {
  again_.Cancel();
  if (const int32_t id = std::exchange(stream_, 0)) session_.Reset(id, NGHTTP2_CANCEL);
}

void HealthWatch::OnHeader(std::string_view name, std::string_view value) {
  if (name == "grpc-status" && value == "12") unimplemented_ = true;
}

void HealthWatch::OnData(std::string_view bytes) {
  nghttp2_session_consume_stream(session_.session(), stream_, bytes.size());
  received_.append(bytes.substr(0, kMaxAnswer));
  while (received_.size() >= kPrefix) {
    const size_t size = Announced(received_);
    if (size > kMaxAnswer) return GiveUp();
    if (received_.size() < kPrefix + size) return;
    const std::string message = received_.substr(kPrefix, size);
    received_.erase(0, kPrefix + size);
    if (!Tell(message)) return GiveUp();
  }
}

void HealthWatch::GiveUp() {
  session_.Reset(stream_, NGHTTP2_CANCEL);
  OnClosed();
}

bool HealthWatch::Tell(std::string_view message) {
  HealthCheckResponse response;
  if (!response.ParseFromArray(message.data(), static_cast<int>(message.size()))) return false;
  answered_ = true;
  told_(response.status() != HealthCheckResponse::NOT_SERVING);
  return true;
}

// The stream is over, without having been asked to. What was told last holds until the next answer.
void HealthWatch::OnClosed() {
  stream_ = 0;
  if (!answered_) told_(true);
  if (!unimplemented_) again_.Set(timers_, After(SteadyNow(), Jittered(kAskAgain)));
}

ssize_t HealthWatch::Read(size_t, uint32_t* flags) {
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY | NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(request_.size());
}

void HealthWatch::Move(size_t size, std::string& out) { out.append(request_, 0, size); }

}  // namespace baliprocess::gateway
