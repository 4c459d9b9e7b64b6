#include "common/rpc/client.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_method.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"

#include "common/base/errors.h"
#include "common/base/position_header.h"
#include "common/base/status_macros.h"
#include "common/rpc/status_bridge.h"
#include "common/telemetry/trace.h"
#include "common/telemetry/tracer.h"

namespace baliprocess::rpc {
namespace {

// No more often than servers of the suite take pings.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

// Peers are few and near: one that was away for long is wanted as soon as it is back.
constexpr int kFirstReconnectMs = 100;
constexpr int kSlowestReconnectMs = 500;
// Between two questions for the addresses of a name: one that has moved is found soon.
constexpr int kLookUpMs = 1'000;

grpc::ChannelArguments Arguments(const PeerOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kSlowestReconnectMs);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kLookUpMs);
  // A new channel has connections of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Proxies of the environment are for traffic that leaves; peers are near.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!options.certificate_name.empty()) {
    arguments.SetSslTargetNameOverride(options.certificate_name);
  }
  return arguments;
}

// How long a peer may take to say how it is.
constexpr absl::Duration kHealthTimeout = absl::Seconds(1);

// A caller who gives a peer less than this can't tell that it failed.
constexpr absl::Duration kFairChance = absl::Seconds(1);

// Whether the peer said anything; nullopt when that can't be told. What it says itself has details.
std::optional<bool> Answered(const grpc::Status& status, absl::Duration given) {
  if (!status.error_details().empty()) return true;
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return given < kFairChance ? std::nullopt : std::optional(false);
  }
  return status.error_code() != grpc::StatusCode::UNAVAILABLE;
}

// Whether the peer ends, or is too slow for a caller who `has_time` for more: others may answer. A
// server that ends says CANCELLED, without details, of calls that come at its last moment; calls to
// peers are never cancelled by who makes them.
bool IsAway(const grpc::Status& status, bool has_time) {
  return (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED && has_time) ||
         (status.error_code() == grpc::StatusCode::CANCELLED && status.error_details().empty());
}

// Whether the peer is out of reach, or ends: it may be back soon.
bool IsLost(const grpc::Status& status) {
  return status.error_details().empty() &&
         (status.error_code() == grpc::StatusCode::UNAVAILABLE || IsAway(status, false));
}

// What a peer may be asked once more for: a question that ends the process that is asked shall not
// end each one that takes its place.
constexpr int kMostTries = 4;
// Before a try that follows one that was lost.
constexpr absl::Duration kBetweenTries = absl::Milliseconds(50);
// How often who waits looks whether its caller still does.
constexpr absl::Duration kLook = absl::Milliseconds(100);

// What to tell the peer of the trace: a span of its own where that will be recorded, and else the
// caller's.
std::string AttemptOf(const Call& parent) {
  const bool recorded = parent.tracer != nullptr && telemetry::IsSampled(parent.traceparent);
  return recorded ? telemetry::NextTraceparent(parent.traceparent) : parent.traceparent;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const PeerOptions& options) {
  ASSIGN_OR_RETURN(auto credentials, ClientCredentials(options.tls));
  return grpc::CreateCustomChannel(options.address, credentials, Arguments(options));
}

}  // namespace

bool Breaker::Allows(SteadyTime now) {
  if (!open()) return true;
  SteadyTime next = next_try_.load();
  // One tries; the others wait for what it finds.
  return now >= next &&
         next_try_.compare_exchange_strong(next, now + absl::ToChronoNanoseconds(kPause));
}

void Breaker::Record(bool answered, SteadyTime now) {
  if (answered) {
    failures_.store(0, std::memory_order_relaxed);
  } else if (failures_.fetch_add(1) + 1 == kFailures) {
    next_try_ = now + absl::ToChronoNanoseconds(kPause);
  }
}

absl::StatusOr<std::unique_ptr<Peer>> Peer::Create(PeerOptions options) {
  ASSIGN_OR_RETURN(auto channel, MakeChannel(options));
  return std::unique_ptr<Peer>(new Peer(std::move(options), std::move(channel)));
}

Peer::Peer(PeerOptions options, std::shared_ptr<grpc::Channel> channel)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      absence_(options_.wait),
      log_({.component = "peers",
            .lost = "a service doesn't answer: it is left alone for a moment",
            .back = "a service answers again",
            .service = options_.name}),
      waits_log_({.component = "peers",
                  .lost = "calls wait for a service",
                  .back = "calls wait for a service no longer",
                  .service = options_.name}) {}

void Peer::RecordReach(const grpc::Status& status) {
  if (IsLost(status)) return absence_.Begin(SteadyNow());
  if (!Answered(status, absl::ZeroDuration()).value_or(false)) return;
  absence_.End();
  waits_log_.Works();
}

void Peer::Record(const grpc::Status& status, absl::Duration given) {
  RecordReach(status);
  const std::optional<bool> answered = Answered(status, given);
  if (!answered) return;
  breaker_.Record(*answered, SteadyNow());
  if (*answered) {
    log_.Works();
  } else if (breaker_.open()) {
    log_.Fails(status.error_message());
  }
}

// As the span of its own that the call is in a trace that is recorded.
void Peer::RecordSpan(const rpc::Call& parent, std::string_view traceparent,
                      const std::string& path, int attempt, absl::Time start,
                      const grpc::Status& status) {
  if (traceparent == parent.traceparent) return;
  telemetry::Span span;
  span.kind = telemetry::Span::Kind::kClient;
  span.trace_id = telemetry::TraceIdOf(traceparent);
  span.span_id = telemetry::SpanIdOf(traceparent);
  span.parent_id = telemetry::SpanIdOf(parent.traceparent);
  span.method = path;
  span.begin = start;
  span.end = absl::Now();
  span.grpc_status = status.error_code();
  span.peer = options_.address;
  span.attempt = attempt;
  parent.tracer->Record(std::move(span));
}

bool Peer::AwaitReturn(const rpc::Call& parent, absl::Time deadline) {
  if (options_.wait <= absl::ZeroDuration()) return false;
  bool waits = false;
  while (absence_.lasts()) {
    const bool over = (parent.cancelled && parent.cancelled()) || absl::Now() >= deadline;
    const bool ends = options_.ends && options_.ends();
    if (over || ends || absence_.IsWaitedOut(SteadyNow())) return false;
    if (!std::exchange(waits, true)) {
      ++waits_;
      waits_log_.Fails("it can't be reached");
    }
    const std::shared_ptr<grpc::Channel> asked = channel();
    // A connection whose server ends looks usable for a moment.
    asked->WaitForStateChange(GRPC_CHANNEL_READY, absl::ToChronoTime(absl::Now() + kBetweenTries));
    const absl::Time look = std::min(deadline, absl::Now() + kLook);
    if (asked->WaitForConnected(absl::ToChronoTime(look))) return true;
  }
  return true;
}

grpc::Status Peer::Try(const rpc::Call& parent, const std::string& path, int attempt,
                       absl::Time start, absl::Time deadline,
                       const google::protobuf::Message& request, google::protobuf::Message& reply) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  if (!parent.authorization.empty()) context.AddMetadata("authorization", parent.authorization);
  const std::string traceparent = AttemptOf(parent);
  if (!traceparent.empty()) context.AddMetadata("traceparent", traceparent);
  if (!parent.call_id.empty()) context.AddMetadata("x-request-id", parent.call_id);
  // Rules are judged by how things are now.
  context.AddMetadata(kPositionHeader, kNewestPosition);
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<google::protobuf::Message, google::protobuf::Message,
                                        grpc::protobuf::MessageLite, grpc::protobuf::MessageLite>(
          channel().get(), method, &context, request, &reply);
  Record(status, deadline - start);
  RecordSpan(parent, traceparent, path, attempt, start, status);
  return status;
}

absl::Status Peer::Call(const rpc::Call& parent, const std::string& path,
                        const google::protobuf::Message& request,
                        google::protobuf::Message& reply) {
  const absl::Time start = absl::Now();
  const absl::Time deadline = std::min(parent.deadline, start + options_.timeout);
  // Who is out of reach is waited for, and who hangs is left alone.
  if (!breaker_.Allows(SteadyNow()) && !(absence_.lasts() && AwaitReturn(parent, deadline))) {
    ++refused_;
    return WithRetryAfter(Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
                                absl::StrCat(options_.name, " doesn't answer at the moment")),
                          Breaker::kPause);
  }
  grpc::Status status = Try(parent, path, 1, start, deadline, request, reply);
  for (int attempt = 2; attempt <= kMostTries && IsLost(status); ++attempt) {
    if (!AwaitReturn(parent, deadline)) break;
    reply.Clear();
    status = Try(parent, path, attempt, absl::Now(), deadline, request, reply);
  }
  ++calls_;
  if (!Answered(status, deadline - start).value_or(true)) ++failures_;
  if (IsAway(status, deadline < parent.deadline)) {
    return FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, status.error_message()}, options_.name);
  }
  return FromGrpcStatus(status, options_.name);
}

absl::Status Peer::Renew() {
  ASSIGN_OR_RETURN(auto channel, MakeChannel(options_));
  const std::lock_guard<std::mutex> lock(mutex_);
  channel_ = std::move(channel);
  made_ = SteadyNow();
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> Peer::channel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return channel_;
}

bool Peer::IsOld() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Since(made_) >= options_.connection_age;
}

// Calls on an old channel go on, and nobody waits for the new one: it is in use once the peer has
// answered on it. Files that can't be read leave the old one in use; who follows them says so.
absl::Status Peer::AskHealth() {
  if (!IsOld()) return AskHealthOn(*channel());
  absl::StatusOr<std::shared_ptr<grpc::Channel>> made = MakeChannel(options_);
  if (!made.ok() || !AskHealthOn(**made).ok()) return AskHealthOn(*channel());
  const std::lock_guard<std::mutex> lock(mutex_);
  channel_ = *std::move(made);
  made_ = SteadyNow();
  return absl::OkStatus();
}

absl::Status Peer::AskHealthOn(grpc::Channel& channel) {
  using grpc::health::v1::HealthCheckResponse;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kHealthTimeout));
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  HealthCheckResponse response;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<google::protobuf::Message, google::protobuf::Message,
                                        grpc::protobuf::MessageLite, grpc::protobuf::MessageLite>(
          &channel, method, &context, grpc::health::v1::HealthCheckRequest(), &response);
  RecordReach(status);
  if (!status.ok()) return FromGrpcStatus(status, options_.name);
  if (response.status() == HealthCheckResponse::SERVING) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(options_.name, " reports that it isn't serving"));
}

}  // namespace baliprocess::rpc
