#include "common/rpc/unary_call.h"

#include <grpcpp/impl/codegen/core_codegen_interface.h>
#include <grpcpp/server_context.h>

#include <new>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/bytes.h"

namespace baliprocess::rpc {
namespace {

google::protobuf::ArenaOptions WithBlock(char* block, size_t size) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = size;
  return options;
}

}  // namespace

UnaryCall::UnaryCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
                     grpc::ByteBuffer& reply)
    : arena_(WithBlock(block_, sizeof(block_))),
      frame_(pipeline, method, context, call_),
      reply_bytes_(reply) {}

grpc::ServerUnaryReactor* UnaryCall::Start(Pipeline& pipeline, const Method& method,
                                           grpc::CallbackServerContext& context,
                                           const grpc::ByteBuffer& request,
                                           grpc::ByteBuffer& reply) {
  void* memory =
      grpc::g_core_codegen_interface->grpc_call_arena_alloc(context.c_call(), sizeof(UnaryCall));
  auto* call = new (memory) UnaryCall(pipeline, method, context, reply);
  if (const absl::Status status = call->Prepare(request); !status.ok()) {
    call->Answer(status);
  } else if (method.entry->execution == Execution::kInline) {
    call->Answer(call->RunBody());
  } else if (!call->frame_.pool().Submit([call] {
               const absl::Status wanted = call->frame_.StillWanted();
               call->Answer(wanted.ok() ? call->RunBody() : wanted);
             })) {
    call->Answer(WithRetryAfter(Error(api::v1::Error::OVERLOADED, "too many calls are waiting"),
                                absl::Seconds(1)));
  }
  return call;
}

absl::Status UnaryCall::Prepare(const grpc::ByteBuffer& request) {
  RETURN_IF_ERROR(frame_.Admit());
  request_ = frame_.method().request_prototype->New(&arena_);
  RETURN_IF_ERROR(frame_.Parse(request, *request_));
  reply_ = frame_.method().reply_prototype->New(&arena_);
  call_.cancelled = [this] { return frame_.Cancelled(); };
  return absl::OkStatus();
}

absl::Status UnaryCall::RunBody() {
  RETURN_IF_ERROR(frame_.StartBody());
  RETURN_IF_ERROR(frame_.method().entry->unary(call_, *request_, *reply_));
  RETURN_IF_ERROR(Serialize(*reply_, reply_bytes_));
  // The bytes stay until the caller has read them; nothing else needs to.
  arena_.Reset();
  if (absl::Status status = frame_.HoldReply(reply_bytes_.Length()); !status.ok()) {
    reply_bytes_.Clear();
    return status;
  }
  return frame_.Reply(reply_bytes_.Length());
}

void UnaryCall::Answer(const absl::Status& status) { Finish(frame_.Close(status)); }

}  // namespace baliprocess::rpc
