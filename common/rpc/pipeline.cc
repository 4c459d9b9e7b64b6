#include "common/rpc/pipeline.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/base/position_header.h"
#include "common/base/status_macros.h"
#include "common/rpc/bytes.h"
#include "common/rpc/status_bridge.h"
#include "common/telemetry/trace.h"

namespace baliprocess::rpc {
namespace {

constexpr char kCallIdHeader[] = "x-request-id";

// The share of a call's deadline that it may wait for a thread. The rest is for its work, and for
// the way back.
constexpr double kMostWaiting = 0.25;

// Smaller replies aren't counted: of so many calls as there may be at once they aren't much.
constexpr size_t kLargeReply = 32 << 10;

std::string_view ToView(grpc::string_ref text) { return {text.data(), text.size()}; }

absl::Status DeadlinePassed() {
  return Error(api::v1::Error::DEADLINE_PASSED, "the deadline passed before the call was done");
}

absl::Status Overloaded(std::string_view message) {
  return WithRetryAfter(Error(api::v1::Error::OVERLOADED, message), absl::Seconds(1));
}

int ShareOf(int threads, int parts) { return std::max(1, threads / parts); }

}  // namespace

Pools::Pools(const ServerOptions& options)
    : writes({.threads = options.worker_threads,
              .capacity = static_cast<size_t>(options.max_concurrent_calls) + options.max_streams}),
      reads({.threads = options.worker_threads,
             .capacity = static_cast<size_t>(options.max_concurrent_calls)}),
      anonymous({.threads = ShareOf(options.worker_threads, 16),
                 .capacity = static_cast<size_t>(ShareOf(options.max_concurrent_calls, 2)),
                 .niceness = 10}),
      // A stream has one task at most; watches of health, which hold no slot, may be more.
      streams({.threads = options.stream_threads,
               .capacity = static_cast<size_t>(options.max_streams) + 1000,
               .niceness = 5}) {}

void Identify(std::string_view proposed_id, std::string_view traceparent, telemetry::Tracer* tracer,
              Call& call) {
  call.tracer = tracer;
  call.traceparent =
      telemetry::NextTraceparent(traceparent, tracer != nullptr && tracer->SampleNew());
  call.call_id =
      telemetry::IsCallId(proposed_id) ? proposed_id : telemetry::TraceIdOf(call.traceparent);
}

CallFrame::CallFrame(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
                     Call& call)
    : pipeline_(pipeline),
      method_(method),
      context_(context),
      start_(absl::Now()),
      call_(call),
      view_{method.path, call, context, method.housekeeping} {
  call_.method = method.entry->method;
  call_.deadline = absl::InfiniteFuture();
  ReadMetadata();
  pipeline_.layers.OnBegin(view_);
}

void CallFrame::ReadMetadata() {
  std::string_view id;
  std::string_view traceparent;
  for (const auto& [name, value] : context_.client_metadata()) {
    const std::string_view key = ToView(name);
    if (key == "authorization") {
      ++authorizations_;
      call_.authorization.assign(value.data(), value.size());
    } else if (key == kCallIdHeader) {
      id = ToView(value);
    } else if (key == "traceparent") {
      traceparent = ToView(value);
    } else if (key == kPositionHeader) {
      if (!call_.position.empty()) call_.position += ',';
      call_.position.append(value.data(), value.size());
    }
  }
  Identify(id, traceparent, method_.housekeeping ? nullptr : pipeline_.options.tracer.get(), call_);
  context_.AddInitialMetadata(kCallIdHeader, call_.call_id);
}

absl::Status CallFrame::CheckClient() const {
  const std::vector<std::string>& names = pipeline_.options.client_names;
  if (names.empty() || method_.housekeeping) return absl::OkStatus();
  const auto certificate = context_.auth_context();
  for (const char* property : {GRPC_X509_CN_PROPERTY_NAME, GRPC_X509_SAN_PROPERTY_NAME}) {
    for (const grpc::string_ref& name : certificate->FindPropertyValues(property)) {
      if (std::find(names.begin(), names.end(), ToView(name)) != names.end()) {
        return absl::OkStatus();
      }
    }
  }
  return Error(api::v1::Error::ACCESS_DENIED,
               "the client's certificate has no name that may call here",
               {{"method", method_.path}});
}

absl::Status CallFrame::Admit() {
  RETURN_IF_ERROR(CheckClient());
  RETURN_IF_ERROR(SetDeadline());
  RETURN_IF_ERROR(TakeSlot());
  RETURN_IF_ERROR(CheckWait());
  RETURN_IF_ERROR(Authenticate());
  RETURN_IF_ERROR(auth::CheckRoles(*method_.access, call_.caller));
  return TakeStreamPlace();
}

absl::Status CallFrame::TakeSlot() {
  if (method_.housekeeping) return absl::OkStatus();
  slot_taken_ = (streaming() ? pipeline_.streams : pipeline_.calls).Take();
  if (!slot_taken_) {
    return Overloaded(streaming() ? "too many open streams" : "too many calls at once");
  }
  if (streaming() || !anonymous()) return absl::OkStatus();
  anonymous_slot_taken_ = pipeline_.anonymous_calls.Take();
  return anonymous_slot_taken_ ? absl::OkStatus() : Overloaded("too many calls without a token");
}

absl::Status CallFrame::TakeStreamPlace() {
  if (!streaming() || method_.housekeeping) return absl::OkStatus();
  stream_share_ = pipeline_.stream_places.Take(call_.caller.subject);
  stream_place_taken_ = stream_share_ != nullptr;
  if (stream_place_taken_) return absl::OkStatus();
  return Overloaded(call_.caller.anonymous() ? "too many open streams of callers without a token"
                                             : "the caller has too many open streams");
}

void CallFrame::ReleaseStream() {
  if (std::exchange(slot_taken_, false)) pipeline_.streams.Release();
  if (std::exchange(stream_place_taken_, false)) {
    pipeline_.stream_places.Release(call_.caller.subject);
  }
}

absl::Status CallFrame::Recheck() {
  if (call_.authorization.empty()) return absl::OkStatus();
  return pipeline_.verifier->Verify(call_.authorization).status();
}

std::function<void()> CallFrame::CutOff(const char* why) {
  grpc_call* const call = context_.c_call();
  grpc_call_ref(call);
  return [call, why] {
    grpc_call_cancel_with_status(call, GRPC_STATUS_UNAVAILABLE, why, nullptr);
    grpc_call_unref(call);
  };
}

absl::Status CallFrame::CheckWait() const {
  if (streaming() || method_.entry->execution == Execution::kInline) return absl::OkStatus();
  if (pool().ExpectedWait() <= (call_.deadline - start_) * kMostWaiting) return absl::OkStatus();
  return Overloaded("the call would wait for much of its deadline");
}

WorkerPool& CallFrame::pool() const {
  Pools& pools = *pipeline_.pools;
  if (method_.entry->stream != nullptr) return pools.streams;
  if (method_.writes) return pools.writes;
  return anonymous() ? pools.anonymous : pools.reads;
}

absl::Status CallFrame::SetDeadline() {
  const auto deadline = context_.deadline();
  if (deadline != std::chrono::system_clock::time_point::max()) {
    call_.deadline = absl::FromChrono(deadline);
    if (call_.deadline <= start_) return DeadlinePassed();
  } else if (!streaming()) {
    call_.deadline = start_ + pipeline_.options.default_deadline;
  }
  if (!streaming()) {
    const ServerOptions& options = pipeline_.options;
    call_.deadline = std::min(call_.deadline, start_ + options.max_deadline);
    if (anonymous()) {
      call_.deadline = std::min(call_.deadline, start_ + options.max_anonymous_deadline);
    }
  }
  return absl::OkStatus();
}

absl::Status CallFrame::Authenticate() {
  if (authorizations_ > 1) {
    return Error(api::v1::Error::TOKEN_INVALID, "more than one authorization header");
  }
  if (call_.authorization.empty()) return absl::OkStatus();
  if (pipeline_.verifier == nullptr) {
    return Error(api::v1::Error::TOKEN_INVALID, "this server takes no tokens");
  }
  ASSIGN_OR_RETURN(call_.caller, pipeline_.verifier->Verify(call_.authorization));
  return absl::OkStatus();
}

absl::Status CallFrame::Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& request) {
  const size_t size = bytes.Valid() ? bytes.Length() : 0;
  request_bytes_ += size;
  if (size > static_cast<size_t>(pipeline_.options.max_message_bytes)) {
    return Error(api::v1::Error::TOO_LARGE, "the request is larger than allowed");
  }
  RETURN_IF_ERROR(CheckNotCompressed(bytes));
  RETURN_IF_ERROR(method_.bounds->Check(bytes));
  RETURN_IF_ERROR(rpc::Parse(bytes, request));
  // What this contract doesn't know mustn't be stored: a later one may give it a meaning, and
  // rules.
  request.DiscardUnknownFields();
  method_.table->Prepare(request);
  return auth::CheckRequest(*method_.access, call_.caller, request);
}

absl::Status CallFrame::StillWanted() const {
  if (absl::Now() >= call_.deadline) return DeadlinePassed();
  if (context_.IsCancelled()) return absl::CancelledError("the caller has gone");
  return absl::OkStatus();
}

bool CallFrame::Cancelled() const {
  return context_.IsCancelled() || absl::Now() >= call_.deadline;
}

absl::Status CallFrame::Told(const absl::Status& status) const {
  // What stops because nobody waits for it any more isn't defective.
  if (absl::IsCancelled(status) && (Cancelled() || streaming())) {
    if (absl::Now() >= call_.deadline) return DeadlinePassed();
    return absl::CancelledError("the call was cancelled");
  }
  return Presentable(status, method_.path, call_.call_id);
}

absl::Status CallFrame::Reply(size_t bytes) {
  RETURN_IF_ERROR(pipeline_.layers.OnReply(view_));
  reply_bytes_ += bytes;
  return absl::OkStatus();
}

absl::Status CallFrame::HoldReply(size_t bytes) {
  if (bytes < kLargeReply || method_.housekeeping) return absl::OkStatus();
  const bool held = reply_held_.Take(pipeline_.unread_replies.Of(call_.caller.subject),
                                     static_cast<int64_t>(bytes));
  if (held || method_.writes) return absl::OkStatus();
  return Overloaded("too many large replies wait for their readers");
}

grpc::Status CallFrame::Close(const absl::Status& status) {
  // Before the answer leaves, so that who waits for it finds the slot free.
  if (!streaming()) {
    if (slot_taken_) pipeline_.calls.Release();
    if (anonymous_slot_taken_) pipeline_.anonymous_calls.Release();
  }
  if (!call_.reply_position.empty()) {
    context_.AddTrailingMetadata(kPositionHeader, call_.reply_position);
  }
  const absl::Status told = Told(status);
  pipeline_.layers.OnEnd(view_, {told, Since(begun_), request_bytes_, reply_bytes_});
  return ToGrpcStatus(told);
}

}  // namespace baliprocess::rpc
