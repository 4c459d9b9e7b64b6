#include "baliprocess/client/watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "baliprocess/client/channel.h"

namespace baliprocess::client {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{10000};
constexpr int kDoublings = 6;

// Doubles with each failure in a row.
std::chrono::milliseconds PauseAfter(int failures) {
  return std::min(kFirstPause * (1 << std::min(failures, kDoublings)), kLongestPause);
}

// Whether it may be otherwise in a moment. A server that drains ends its streams without an error.
bool IsPassing(const grpc::Status& status) {
  if (status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE) return true;
  const std::string reason = FailureOf(status).reason;
  return reason == "OVERLOADED" || reason == "RATE_LIMITED" || reason == "CONFLICT";
}

}  // namespace

Watch::Watch(Open open, common::v1::WatchChangesRequest request)
    : open_(std::move(open)), request_(std::move(request)) {}

Watch::~Watch() {
  Close();
  if (stream_ == nullptr) return;
  stream_->Finish();
  stream_.reset();  // before its context
}

bool Watch::Stand() { return stood_ || Read(); }

const common::v1::Change* Watch::Next() {
  while (told_ == message_.changes_size()) {
    GoOnAfter(message_.resume_token());
    if (!Read()) return nullptr;
  }
  const common::v1::Change& change = message_.changes(told_++);
  GoOnAfter(change.resume_token());
  return &change;
}

void Watch::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  if (context_ != nullptr) context_->TryCancel();
  closing_.notify_all();
}

bool Watch::Read() {
  message_.Clear();
  told_ = 0;
  for (int failures = 0; Connect(); ++failures) {
    if (stream_->Read(&message_)) {
      stood_ = true;
      return true;
    }
    if (!GoOnAfterStream(failures)) return false;
  }
  return false;
}

bool Watch::Connect() {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  if (stream_ != nullptr) return true;
  context_ = std::make_unique<grpc::ClientContext>();
  stream_ = open_(context_.get(), request_);
  return true;
}

bool Watch::GoOnAfterStream(int failures) {
  const grpc::Status ended = stream_->Finish();
  stream_.reset();
  std::unique_lock lock(mutex_);
  context_.reset();
  if (closed_) return false;
  // A server that never answered is rather a wrong address than an interruption.
  if (!IsPassing(ended) || (!stood_ && !ended.ok())) {
    status_ = ended;
    return false;
  }
  return !closing_.wait_for(lock, PauseAfter(failures), [this] { return closed_; });
}

void Watch::GoOnAfter(const std::string& token) {
  if (token.empty()) return;
  request_.set_resume_token(token);
  request_.set_from_start(false);
}

}  // namespace baliprocess::client
