#include "common/rpc/stream_call.h"

#include <functional>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/bytes.h"

namespace baliprocess::rpc {
namespace {

bool HasMessage(StreamSource::Next next) {
  return next == StreamSource::Next::kMessage || next == StreamSource::Next::kLastMessage;
}

}  // namespace

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
  return frame_.Parse(request, *request_);
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

void StreamCall::CheckReader(SteadyTime now, const ReaderPatience& patience) {
  std::function<void()> cut_off;
  {
    const std::lock_guard lock(mutex_);
    if (cut_off_ || state_ == State::kDone || !reader_.IsLate(now, patience)) return;
    // Static, because it is read after the lock was given up.
    static constexpr char kWhy[] = "the reader took nothing although data waits: resume";
    if (!ending_) ending_ = Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, kWhy);
    cut_off_ = true;
    woken_ = false;
    cut_off = frame_.CutOff(kWhy);
  }
  cut_off();
}

void StreamCall::ReleaseBytes() {
  bytes_.Clear();
  const size_t bytes = std::exchange(charged_, 0);
  if (StreamBudget* share = frame_.stream_share()) share->Release(bytes);
  frame_.pipeline().stream_budget.Release(bytes);
}

void StreamCall::OnWriteDone(bool ok) {
  ReleaseBytes();
  std::unique_lock lock(mutex_);
  state_ = State::kIdle;
  reader_.Taken();
  wanted_ = wanted_ || more_;
  if (!ok && !ending_) ending_ = absl::CancelledError("the caller has gone");
  Step(std::move(lock));
}

bool StreamCall::MayPull() {
  if (parked_) return false;
  StreamBudget& all = frame_.pipeline().stream_budget;
  StreamBudget* share = frame_.stream_share();
  if ((share == nullptr || share->HasRoom()) && all.HasRoom()) return true;
  const auto resume = [weak = std::weak_ptr(self_)] {
    const auto stream = weak.lock();
    return stream != nullptr && stream->Resume();
  };
  parked_ = (share != nullptr && !share->MayPull(resume)) || !all.MayPull(resume);
  return !parked_;
}

bool StreamCall::Resume() {
  {
    std::unique_lock lock(mutex_);
    parked_ = false;
    if (state_ == State::kIdle) Step(std::move(lock));
  }
  // It may have to wait for the other budget now. When a pull or a write is under way, its end
  // passes the room on.
  const std::lock_guard lock(mutex_);
  return state_ == State::kPulling || state_ == State::kWriting;
}

void StreamCall::PassOnRoom() {
  if (StreamBudget* share = frame_.stream_share()) share->PassOn();
  frame_.pipeline().stream_budget.PassOn();
}

void StreamCall::Step(std::unique_lock<std::mutex> lock) {
  if (ending_ && !woken_) {
    state_ = State::kFinished;
    reader_.Sent(SteadyNow(), 0);
    SetEnded();
    lock.unlock();
    Finish(frame_.Close(*ending_));
  } else if (wanted_ && (ending_ || MayPull())) {
    state_ = State::kPulling;
    lock.unlock();
    // A stream has one task at most, and the pool has room for one of each that holds a slot; of
    // watches of health, which hold none, there may be more.
    if (frame_.pool().Submit([this] { Pull(); })) return;
    lock.lock();
    state_ = State::kIdle;
    wanted_ = woken_ = false;
    if (!ending_) ending_ = Error(api::v1::Error::OVERLOADED, "the server has too much to do");
    Step(std::move(lock));
  }
}

void StreamCall::Pull() {
  std::unique_lock lock(mutex_);
  // Many may have queued while there was room: what they pulled since counts.
  if (!ending_ && !MayPull()) {
    const auto self = shared_from_this();  // it may be ended as soon as it is idle
    state_ = State::kIdle;
    lock.unlock();
    return PassOnRoom();
  }
  wanted_ = woken_ = false;
  lock.unlock();
  const absl::StatusOr<StreamSource::Next> next = PullNext();
  if (!next.ok() || !HasMessage(*next)) PassOnRoom();
  lock.lock();
  state_ = State::kIdle;
  // Also when the end has come meanwhile: it may be what the message is about.
  if (next.ok() && HasMessage(*next)) {
    more_ = *next == StreamSource::Next::kMessage;
    return Write(std::move(lock));
  }
  if (!ending_) {
    if (!next.ok()) {
      ending_ = next.status();
    } else if (*next == StreamSource::Next::kEnd) {
      ending_ = absl::OkStatus();
    }
  }
  Step(std::move(lock));
}

void StreamCall::Write(std::unique_lock<std::mutex> lock) {
  state_ = State::kWriting;
  charged_ = bytes_.Length();
  reader_.Sent(SteadyNow(), charged_);
  lock.unlock();
  if (StreamBudget* share = frame_.stream_share()) share->Add(charged_);
  frame_.pipeline().stream_budget.Add(charged_);
  PassOnRoom();
  StartWrite(&bytes_);
}

absl::Status StreamCall::Open() {
  auto wake = [weak = std::weak_ptr(self_)] {
    if (const auto stream = weak.lock()) stream->Wake();
  };
  RETURN_IF_ERROR(frame_.StartBody());
  ASSIGN_OR_RETURN(source_, frame_.method().entry->stream(call_, *request_, std::move(wake)));
  request_.reset();
  return absl::OkStatus();
}

absl::StatusOr<StreamSource::Next> StreamCall::PullNext() {
  RETURN_IF_ERROR(StillWanted());
  if (source_ == nullptr) RETURN_IF_ERROR(Open());
  ASSIGN_OR_RETURN(const StreamSource::Next next, PullBytes());
  if (HasMessage(next)) RETURN_IF_ERROR(frame_.Reply(bytes_.Length()));
  return next;
}

absl::StatusOr<StreamSource::Next> StreamCall::PullBytes() {
  if (source_->shares_bytes()) {
    SharedBytes shared;
    ASSIGN_OR_RETURN(const StreamSource::Next next, source_->PullBytes(shared));
    if (HasMessage(next)) bytes_ = Wrap(shared);
    return next;
  }
  // New each time: a message that is cleared keeps the memory of its largest content.
  const std::unique_ptr<google::protobuf::Message> reply(frame_.method().reply_prototype->New());
  ASSIGN_OR_RETURN(const StreamSource::Next next, source_->Pull(*reply));
  if (HasMessage(next)) RETURN_IF_ERROR(Serialize(*reply, bytes_));
  return next;
}

void StreamCall::OnDone() {
  const std::shared_ptr<StreamCall> self = [this] {
    const std::lock_guard lock(mutex_);
    state_ = State::kDone;
    return std::move(self_);
  }();
  PassOnRoom();
  Leave();
  // Here, on a thread of gRPC's that holds no lock of a source's.
  source_.reset();
}

}  // namespace baliprocess::rpc
