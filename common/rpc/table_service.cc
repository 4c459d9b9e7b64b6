#include "common/rpc/table_service.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <utility>

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/rpc/sink_call.h"
#include "common/rpc/status_bridge.h"
#include "common/rpc/stream_call.h"
#include "common/rpc/unary_call.h"

namespace baliprocess::rpc {
namespace {

using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;

// The access of housekeeping methods.
const auth::MethodAccess kEverybody = {nullptr, 1u << api::v1::Access::PUBLIC, {}};

const google::protobuf::Message* Prototype(const google::protobuf::Descriptor* type) {
  return MessageFactory::generated_factory()->GetPrototype(type);
}

}  // namespace

TableService::TableService(MethodTable table, const auth::AccessPolicy& policy, Pipeline& pipeline)
    : table_(std::move(table)), pipeline_(pipeline) {
  methods_.reserve(table_.entries().size());  // handlers hold references
  for (int i = 0; i < table_.service()->method_count(); ++i) {
    const MethodDescriptor* descriptor = table_.service()->method(i);
    const auth::MethodAccess* access = policy.Find(PathOf(*descriptor));
    methods_.push_back({&table_, &table_.entries().at(descriptor), PathOf(*descriptor),
                        access != nullptr ? access : &kEverybody,
                        std::make_unique<RequestBounds>(descriptor->input_type(), shapes_),
                        Prototype(descriptor->input_type()), Prototype(descriptor->output_type()),
                        descriptor->options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS,
                        access == nullptr});
    Register(i, methods_.back());
  }
}

void TableService::Register(int index, const Method& method) {
  using grpc::ByteBuffer;
  using grpc::CallbackServerContext;
  using grpc::internal::RpcMethod;
  if (method.entry->stream != nullptr) {
    Register(index, method, RpcMethod::SERVER_STREAMING,
             new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                 [this, &method](CallbackServerContext* context, const ByteBuffer* request) {
                   return StreamCall::Start(pipeline_, method, *context, *request);
                 }));
  } else if (method.entry->sink != nullptr) {
    Register(index, method, RpcMethod::CLIENT_STREAMING,
             new grpc::internal::CallbackClientStreamingHandler<ByteBuffer, ByteBuffer>(
                 [this, &method](CallbackServerContext* context, ByteBuffer* reply) {
                   return SinkCall::Start(pipeline_, method, *context, *reply);
                 }));
  } else {
    Register(index, method, RpcMethod::NORMAL_RPC,
             new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                 [this, &method](CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* reply) {
                   return UnaryCall::Start(pipeline_, method, *context, *request, *reply);
                 }));
  }
}

void TableService::Register(int index, const Method& method,
                            grpc::internal::RpcMethod::RpcType type,
                            grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(method.path.c_str(), type, nullptr));
  MarkMethodRawCallback(index, handler);
}

grpc::ServerGenericBidiReactor* UnknownMethods::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  class Refusal final : public grpc::ServerGenericBidiReactor {
    void OnDone() { delete this; }
  };
  const absl::Status status = Error(api::v1::Error::UNKNOWN_METHOD, "there is no such method",
                                    {{"method", context->method()}});
  Call call;
  Identify({}, {}, nullptr, call);
  context->AddInitialMetadata("x-request-id", call.call_id);
  const CallView view = {context->method(), call, *context};
  layers_.OnBegin(view);
  layers_.OnEnd(view, {status, absl::ZeroDuration()});
  auto* refusal = new Refusal;
  refusal->Finish(ToGrpcStatus(status));
  return refusal;
}

}  // namespace baliprocess::rpc
