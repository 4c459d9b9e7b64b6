#include "common/rpc/stream_call.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/bytes.h"

namespace baliprocess::rpc {

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
  if (const absl::Status status = stream->Join(); !status.ok()) {
    stream->End(status);
  } else {
    stream->Wake();
  }
  return stream.get();
}

absl::Status StreamCall::Prepare(const grpc::ByteBuffer& request) {
  RETURN_IF_ERROR(frame_.Admit());
  request_.reset(frame_.method().request_prototype->New());
  RETURN_IF_ERROR(frame_.Parse(request, *request_));
  reply_.reset(frame_.method().reply_prototype->New());
  return absl::OkStatus();
}

void StreamCall::End(absl::Status why) {
  std::unique_lock lock(mutex_);
  if (state_ == State::kFinished || ending_) return;
  ending_ = std::move(why);
  if (state_ == State::kIdle) Step(std::move(lock));
}

void StreamCall::Wake() {
  std::unique_lock lock(mutex_);
  if (ending_) return;
  wanted_ = woken_ = true;
  if (state_ == State::kIdle) Step(std::move(lock));
}

void StreamCall::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  state_ = State::kIdle;
  wanted_ = true;
  if (!ok && !ending_) ending_ = absl::CancelledError("the caller has gone");
  Step(std::move(lock));
}

void StreamCall::Step(std::unique_lock<std::mutex> lock) {
  if (ending_ && !woken_) {
    state_ = State::kFinished;
    SetEnded();
    lock.unlock();
    Finish(frame_.Close(*ending_));
  } else if (wanted_) {
    wanted_ = woken_ = false;
    state_ = State::kPulling;
    lock.unlock();
    // A stream has one task at most, and the pool has room for one of each that holds a slot; of
    // watches of health, which hold none, there may be more.
    if (frame_.pool().Submit([this] { Pull(); })) return;
    lock.lock();
    state_ = State::kIdle;
    if (!ending_) ending_ = Error(api::v1::OVERLOADED, "the server has too much to do");
    Step(std::move(lock));
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
  RETURN_IF_ERROR(StillWanted());
  if (source_ == nullptr) {
    auto wake = [weak = std::weak_ptr(self_)] {
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
  Leave();
  // Here, on a thread of gRPC's that holds no lock of a source's.
  source_.reset();
}

}  // namespace baliprocess::rpc
