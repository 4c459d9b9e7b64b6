#include "common/rpc/client.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_method.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/status_bridge.h"

namespace baliprocess::rpc {
namespace {

// No more often than servers of the suite take pings.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

// Peers are few and near: one that was away for long is wanted as soon as it is back.
constexpr int kFirstReconnectMs = 100;
constexpr int kSlowestReconnectMs = 500;

grpc::ChannelArguments Arguments(const PeerOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kSlowestReconnectMs);
  // Proxies of the environment are for traffic that leaves; peers are near.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!options.certificate_name.empty()) {
    arguments.SetSslTargetNameOverride(options.certificate_name);
  }
  return arguments;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> Peer::Create(PeerOptions options) {
  ASSIGN_OR_RETURN(auto credentials, ClientCredentials(options.tls));
  auto channel = grpc::CreateCustomChannel(options.address, credentials, Arguments(options));
  return std::unique_ptr<Peer>(new Peer(std::move(options), std::move(channel)));
}

Peer::Peer(PeerOptions options, std::shared_ptr<grpc::Channel> channel)
    : options_(std::move(options)), channel_(std::move(channel)) {}

absl::Status Peer::Call(const rpc::Call& parent, const std::string& path,
                        const google::protobuf::Message& request,
                        google::protobuf::Message& reply) {
  const absl::Time deadline = std::min(parent.deadline, absl::Now() + options_.timeout);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  if (!parent.authorization.empty()) context.AddMetadata("authorization", parent.authorization);
  if (!parent.traceparent.empty()) context.AddMetadata("traceparent", parent.traceparent);
  if (!parent.call_id.empty()) context.AddMetadata("x-request-id", parent.call_id);
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<google::protobuf::Message, google::protobuf::Message,
                                        grpc::protobuf::MessageLite, grpc::protobuf::MessageLite>(
          channel_.get(), method, &context, request, &reply);
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED && deadline < parent.deadline) {
    // Its time is up, the caller's isn't.
    return FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, "no answer in time"}, options_.name);
  }
  return FromGrpcStatus(status, options_.name);
}

}  // namespace baliprocess::rpc
