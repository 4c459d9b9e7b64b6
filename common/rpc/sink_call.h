// The reactor of a client stream.

#ifndef BALIPROCESS_COMMON_RPC_SINK_CALL_H_
#define BALIPROCESS_COMMON_RPC_SINK_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>

#include "common/rpc/open_stream.h"

namespace baliprocess::rpc {

// Carries messages to a StreamSink. It is in one state at a time: with a read under way, with a
// message or the end at the sink on the worker pool, or finished. While it reads it holds no
// thread.
class SinkCall final : public grpc::ServerReadReactor<grpc::ByteBuffer>, public OpenStream {
 public:
  // Takes the call through the pipeline. It lives until gRPC is done with it; so does `reply`.
  static grpc::ServerReadReactor<grpc::ByteBuffer>* Start(Pipeline& pipeline, const Method& method,
                                                          grpc::CallbackServerContext& context,
                                                          grpc::ByteBuffer& reply);

  void End(absl::Status why) override;

 private:
  enum class State { kReading, kTaking, kFinished };

  SinkCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
           grpc::ByteBuffer& reply)
      : OpenStream(pipeline, method, context), reply_(reply) {}

  void OnReadDone(bool ok) override;
  void OnCancel() override { EndCancelled(); }
  void OnDone() override;

  // On the worker pool.
  void Take();
  absl::Status TakeNext();
  absl::Status Complete();
  // Gives the lock up.
  void FinishWith(const absl::Status& status, std::unique_lock<std::mutex> lock);

  std::shared_ptr<SinkCall> self_;  // until OnDone
  grpc::ByteBuffer& reply_;

  // Of the read, or of the Take that follows it.
  grpc::ByteBuffer bytes_;
  bool at_end_ = false;
  std::unique_ptr<google::protobuf::Message> message_;
  std::unique_ptr<StreamSink> sink_;

  std::mutex mutex_;
  State state_ = State::kReading;
  std::optional<absl::Status> ending_;  // why the stream is to end
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_SINK_CALL_H_
