#include "common/rpc/stream_call.h"

#include <utility>

#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/bytes.h"

namespace baliprocess::rpc {
namespace {

absl::Status TokenExpired() {
  return Error(api::v1::TOKEN_EXPIRED, "the token has expired: continue with a new one");
}

}  // namespace

StreamCall::StreamCall(Pipeline& pipeline, const Method& method,
                       grpc::CallbackServerContext& context)
    : frame_(pipeline, method, context, *call_) {
  call_->cancelled = [ended = ended_, deadline = call_.get()] {
    return ended->value || absl::Now() >= deadline->deadline;
  };
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamCall::Start(Pipeline& pipeline,
                                                              const Method& method,
                                                              grpc::CallbackServerContext& context,
                                                              const grpc::ByteBuffer& request) {
  const std::shared_ptr<StreamCall> stream(new StreamCall(pipeline, method, context));
  stream->self_ = stream;
  if (const absl::Status status = stream->Prepare(request); !status.ok()) {
    stream->End(status);
    return stream.get();
  }
  // Tells the caller that it was admitted: the first message may be long in coming.
  stream->StartSendInitialMetadata();
  if (!pipeline.open_streams->Add(stream)) {
    stream->End(Error(api::v1::TEMPORARILY_UNAVAILABLE, "the server is shutting down"));
    return stream.get();
  }
  stream->EndWithToken();
  stream->Wake();
  return stream.get();
}

absl::Status StreamCall::Prepare(const grpc::ByteBuffer& request) {
  RETURN_IF_ERROR(frame_.Admit());
  request_.reset(frame_.method().request_prototype->New());
  RETURN_IF_ERROR(frame_.Parse(request, *request_));
  reply_.reset(frame_.method().reply_prototype->New());
  return absl::OkStatus();
}

void StreamCall::EndWithToken() {
  if (call_->caller.expires == absl::InfiniteFuture()) return;
  token_expiry_.Set(absl::ToChronoTime(call_->caller.expires),
                    [weak = weak_from_this()](bool expired) {
                      const auto stream = weak.lock();
                      if (expired && stream != nullptr) stream->End(TokenExpired());
                    });
}

void StreamCall::End(absl::Status why) {
  std::unique_lock lock(mutex_);
  if (state_ == State::kFinished || ending_) return;
  ending_ = std::move(why);
  if (state_ == State::kIdle) Step(std::move(lock));
}

void StreamCall::Wake() {
  std::unique_lock lock(mutex_);
  wanted_ = true;
  if (state_ == State::kIdle) Step(std::move(lock));
}

void StreamCall::OnCancel() {
  ended_->value = true;
  const absl::Status why = frame_.StillWanted();
  End(why.ok() ? absl::CancelledError("the caller has gone") : why);
}

void StreamCall::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  state_ = State::kIdle;
  wanted_ = true;
  if (!ok && !ending_) ending_ = absl::CancelledError("the caller has gone");
  Step(std::move(lock));
}

void StreamCall::Step(std::unique_lock<std::mutex> lock) {
  if (ending_) {
    state_ = State::kFinished;
    ended_->value = true;
    lock.unlock();
    Finish(frame_.Close(*ending_));
  } else if (wanted_) {
    wanted_ = false;
    state_ = State::kPulling;
    lock.unlock();
    // A stream has one task at most, and the pool has room for one of each.
    frame_.pipeline().pool->Submit([this] { Pull(); });
  }
}

void StreamCall::Pull() {
  const absl::StatusOr<StreamSource::Next> next = PullNext();
  absl::Status written = absl::OkStatus();
  if (next.ok() && *next == StreamSource::Next::kMessage) written = Serialize(*reply_, bytes_);
  std::unique_lock lock(mutex_);
  state_ = State::kIdle;
  if (next.ok() && written.ok() && *next == StreamSource::Next::kMessage) {
    // Also when the end has come meanwhile: it may be what the message is about.
    state_ = State::kWriting;
    lock.unlock();
    frame_.CountReply(bytes_.Length());
    StartWrite(&bytes_);
    return;
  }
  if (!ending_) {
    if (!next.ok()) {
      ending_ = next.status();
    } else if (!written.ok()) {
      ending_ = written;
    } else if (*next == StreamSource::Next::kEnd) {
      ending_ = absl::OkStatus();
    }
  }
  Step(std::move(lock));
}

absl::StatusOr<StreamSource::Next> StreamCall::PullNext() {
  RETURN_IF_ERROR(frame_.StillWanted());
  if (absl::Now() >= call_->caller.expires) return TokenExpired();
  if (source_ == nullptr) {
    auto wake = [weak = weak_from_this()] {
      if (const auto stream = weak.lock()) stream->Wake();
    };
    ASSIGN_OR_RETURN(source_, frame_.method().entry->stream(call_, *request_, std::move(wake)));
    request_.reset();
  }
  reply_->Clear();
  return source_->Pull(*reply_);
}

void StreamCall::OnDone() {
  const std::shared_ptr<StreamCall> self = std::move(self_);
  frame_.pipeline().open_streams->Remove(self);
  token_expiry_.Cancel();
  // Here, on a thread of gRPC's that holds no lock of a source's.
  source_.reset();
}

bool StreamSet::Add(const std::shared_ptr<StreamCall>& stream) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  streams_.insert(stream);
  return true;
}

void StreamSet::Remove(const std::shared_ptr<StreamCall>& stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

void StreamSet::EndAll(const absl::Status& why) {
  std::set<std::shared_ptr<StreamCall>> open;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    open = streams_;
  }
  for (const std::shared_ptr<StreamCall>& stream : open) stream->End(why);
}

}  // namespace baliprocess::rpc
