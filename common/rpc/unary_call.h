// The reactor of a unary call.

#ifndef BALIPROCESS_COMMON_RPC_UNARY_CALL_H_
#define BALIPROCESS_COMMON_RPC_UNARY_CALL_H_

#include <google/protobuf/arena.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>

#include "common/rpc/pipeline.h"

namespace baliprocess::rpc {

// Lives in the memory that gRPC allots to the call, until it is done with it: a call costs no
// allocation of this size, which would be made on one thread and freed on another.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  // Takes the call through the pipeline. `request` and `reply` belong to gRPC and live as long.
  static grpc::ServerUnaryReactor* Start(Pipeline& pipeline, const Method& method,
                                         grpc::CallbackServerContext& context,
                                         const grpc::ByteBuffer& request, grpc::ByteBuffer& reply);

 private:
  UnaryCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
            grpc::ByteBuffer& reply);
  void OnDone() override { this->~UnaryCall(); }
  // OnDone waits for nothing, so no executor is needed for it.
  bool InternalInlineable() override { return true; }

  absl::Status Prepare(const grpc::ByteBuffer& request);
  absl::Status RunBody();
  // Nothing of this object may be touched after it.
  void Answer(const absl::Status& status);

  // Room for the messages of most calls.
  alignas(std::max_align_t) char block_[1024];
  google::protobuf::Arena arena_;
  Call call_;
  CallFrame frame_;
  grpc::ByteBuffer& reply_bytes_;
  google::protobuf::Message* request_ = nullptr;
  google::protobuf::Message* reply_ = nullptr;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_UNARY_CALL_H_
