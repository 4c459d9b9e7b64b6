// Method tables as gRPC's services.

#ifndef BALIPROCESS_COMMON_RPC_TABLE_SERVICE_H_
#define BALIPROCESS_COMMON_RPC_TABLE_SERVICE_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/impl/service_type.h>

#include <vector>

#include "common/auth/access.h"
#include "common/rpc/call_layer.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/request_bounds.h"
#include "common/rpc/service.h"

namespace baliprocess::rpc {

// A gRPC service made from a method table, its methods registered as generated code registers
// callback methods on raw bytes.
class TableService final : public grpc::Service {
 public:
  // Methods that `policy` doesn't know are the server's own, and for everybody.
  TableService(MethodTable table, const auth::AccessPolicy& policy, Pipeline& pipeline);

 private:
  void Register(int index, const Method& method);
  void Register(int index, const Method& method, grpc::internal::RpcMethod::RpcType type,
                grpc::internal::MethodHandler* handler);

  const MethodTable table_;
  Pipeline& pipeline_;
  MessageShapes shapes_;
  std::vector<Method> methods_;
};

// Answers calls of methods that nobody offers, with a reason as all others.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  explicit UnknownMethods(const CallLayers& layers) : layers_(layers) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

 private:
  const CallLayers& layers_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_TABLE_SERVICE_H_
