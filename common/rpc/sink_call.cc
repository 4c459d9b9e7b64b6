#include "common/rpc/sink_call.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/bytes.h"

namespace baliprocess::rpc {

grpc::ServerReadReactor<grpc::ByteBuffer>* SinkCall::Start(Pipeline& pipeline, const Method& method,
                                                           grpc::CallbackServerContext& context,
                                                           grpc::ByteBuffer& reply) {
  const std::shared_ptr<SinkCall> call(new SinkCall(pipeline, method, context, reply));
  call->self_ = call;
  absl::Status status = call->frame_.Admit();
  if (status.ok()) status = call->Join();
  if (!status.ok()) {
    call->End(status);
    return call.get();
  }
  call->message_.reset(method.request_prototype->New());
  // Tells the caller that it was admitted, before it sends all it has.
  call->StartSendInitialMetadata();
  call->StartRead(&call->bytes_);
  return call.get();
}

void SinkCall::End(absl::Status why) {
  std::unique_lock lock(mutex_);
  if (state_ == State::kFinished || ending_) return;
  ending_ = std::move(why);
  if (state_ == State::kReading) FinishWith(*ending_, std::move(lock));
}

void SinkCall::OnReadDone(bool ok) {
  std::unique_lock lock(mutex_);
  if (state_ == State::kFinished) return;
  state_ = State::kTaking;
  at_end_ = !ok;
  lock.unlock();
  // A stream has one task at most, and the pool has room for one of each; unless it is ending, or
  // the system is out of threads.
  if (frame_.pool().Submit([this] { Take(); })) return;
  lock.lock();
  FinishWith(
      ending_ ? *ending_ : Error(api::v1::Error::OVERLOADED, "the server has too much to do"),
      std::move(lock));
}

void SinkCall::Take() {
  const absl::Status status = TakeNext();
  std::unique_lock lock(mutex_);
  if (!status.ok() || at_end_) return FinishWith(status, std::move(lock));
  if (ending_) return FinishWith(*ending_, std::move(lock));
  state_ = State::kReading;
  lock.unlock();
  StartRead(&bytes_);
}

absl::Status SinkCall::TakeNext() {
  RETURN_IF_ERROR(StillWanted());
  if (sink_ == nullptr) {
    RETURN_IF_ERROR(frame_.StartBody());
    ASSIGN_OR_RETURN(sink_, frame_.method().entry->sink(call_));
  }
  if (at_end_) return Complete();
  message_->Clear();
  RETURN_IF_ERROR(frame_.Parse(bytes_, *message_));
  return sink_->Take(*message_);
}

absl::Status SinkCall::Complete() {
  const std::unique_ptr<google::protobuf::Message> reply(frame_.method().reply_prototype->New());
  RETURN_IF_ERROR(sink_->Complete(*reply));
  RETURN_IF_ERROR(Serialize(*reply, reply_));
  return frame_.Reply(reply_.Length());
}

void SinkCall::FinishWith(const absl::Status& status, std::unique_lock<std::mutex> lock) {
  state_ = State::kFinished;
  SetEnded();
  lock.unlock();
  Finish(frame_.Close(status));
}

void SinkCall::OnDone() {
  const std::shared_ptr<SinkCall> self = std::move(self_);
  Leave();
  sink_.reset();
}

}  // namespace baliprocess::rpc
