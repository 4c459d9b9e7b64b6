#include "common/rpc/open_stream.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace baliprocess::rpc {
namespace {

absl::Status TokenExpired() {
  return Error(api::v1::Error::TOKEN_EXPIRED, "the token has expired: continue with a new one");
}

}  // namespace

OpenStream::OpenStream(Pipeline& pipeline, const Method& method,
                       grpc::CallbackServerContext& context)
    : frame_(pipeline, method, context, *call_) {
  call_->cancelled = [ended = ended_, call = call_.get()] {
    return *ended || absl::Now() >= call->deadline;
  };
}

absl::Status OpenStream::Join() {
  if (!frame_.pipeline().open_streams->Add(shared_from_this())) {
    return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "the server is shutting down");
  }
  if (call_->caller.expires == absl::InfiniteFuture()) return absl::OkStatus();
  token_expiry_.Set(absl::ToChronoTime(call_->caller.expires),
                    [weak = weak_from_this()](bool expired) {
                      const auto stream = weak.lock();
                      if (expired && stream != nullptr) stream->End(TokenExpired());
                    });
  return absl::OkStatus();
}

void OpenStream::Leave() {
  frame_.pipeline().open_streams->Remove(shared_from_this());
  token_expiry_.Cancel();
  frame_.ReleaseStream();
}

void OpenStream::CheckToken() {
  if (absl::Status good = frame_.Recheck(); !good.ok()) End(std::move(good));
}

absl::Status OpenStream::StillWanted() const {
  RETURN_IF_ERROR(frame_.StillWanted());
  if (absl::Now() >= call_->caller.expires) return TokenExpired();
  return absl::OkStatus();
}

void OpenStream::EndCancelled() {
  SetEnded();
  const absl::Status why = frame_.StillWanted();
  End(why.ok() ? absl::CancelledError("the caller has gone") : why);
}

bool StreamSet::Add(const std::shared_ptr<OpenStream>& stream) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  streams_.insert(stream);
  return true;
}

void StreamSet::Remove(const std::shared_ptr<OpenStream>& stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

std::vector<std::shared_ptr<OpenStream>> StreamSet::All() {
  const std::lock_guard lock(mutex_);
  return {streams_.begin(), streams_.end()};
}

void StreamSet::EndAll(const absl::Status& why) {
  std::set<std::shared_ptr<OpenStream>> open;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    open = streams_;
  }
  for (const std::shared_ptr<OpenStream>& stream : open) stream->End(why);
}

StreamWarden::StreamWarden(StreamSet& streams, const ReaderPatience& patience,
                           absl::Duration token_interval)
    : streams_(streams),
      patience_(patience),
      token_interval_(token_interval),
      thread_([this] { Watch(); }) {}

StreamWarden::~StreamWarden() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void StreamWarden::Watch() {
  const absl::Duration tick = std::min({patience_.any / 4, token_interval_, absl::Seconds(1)});
  SteadyTime tokens_checked = SteadyNow();
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, absl::ToChronoMilliseconds(tick), [this] { return stopping_; })) {
    const SteadyTime now = SteadyNow();
    const bool check_tokens = absl::FromChrono(now - tokens_checked) >= token_interval_;
    if (check_tokens) tokens_checked = now;
    for (const std::shared_ptr<OpenStream>& stream : streams_.All()) {
      stream->CheckReader(now, patience_);
      if (check_tokens) stream->CheckToken();
    }
  }
}

}  // namespace baliprocess::rpc
