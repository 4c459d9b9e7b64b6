// What happens to every call before and after its body. Used by the reactors of this folder.

#ifndef BALIPROCESS_COMMON_RPC_PIPELINE_H_
#define BALIPROCESS_COMMON_RPC_PIPELINE_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/auth/access.h"
#include "common/auth/token.h"
#include "common/rpc/request_bounds.h"
#include "common/rpc/server.h"
#include "common/rpc/service.h"
#include "common/rpc/worker_pool.h"
#include "common/telemetry/log.h"

namespace baliprocess::rpc {

class StreamSet;

// A number of places that calls take.
class Slots {
 public:
  explicit Slots(int count) : free_(count) {}
  bool Take() {
    if (free_.fetch_sub(1, std::memory_order_relaxed) > 0) return true;
    Release();
    return false;
  }
  void Release() { free_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> free_;
};

// All that is known of a method once the server starts: calls look nothing up.
struct Method {
  const MethodTable::Entry* entry = nullptr;
  std::string path;  // `/package.Service/Method`
  const auth::MethodAccess* access = nullptr;
  std::unique_ptr<const RequestBounds> bounds;
  const google::protobuf::Message* request_prototype = nullptr;
  const google::protobuf::Message* reply_prototype = nullptr;
  // Of the server's own, such as health: takes no slot, and is logged at level debug.
  bool housekeeping = false;
};

// What the calls of a server share.
struct Pipeline {
  ServerOptions options;
  std::shared_ptr<auth::TokenVerifier> verifier;
  Slots calls;
  Slots streams;
  StreamSet* open_streams = nullptr;
  WorkerPool* pool = nullptr;
};

// A call on its way through the pipeline. Its reactor calls Admit, then Parse, then runs the body,
// then, in every case, Close.
class CallFrame {
 public:
  // Fills `call`, which lives as long as the frame.
  CallFrame(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
            Call& call);

  // Slot, deadline, caller, roles.
  absl::Status Admit();

  // Parses the request, or the next message of a client stream, made by the method's prototype, and
  // checks that it concerns the caller.
  absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& request);

  // Why the body mustn't start any more, if so: for calls that have waited.
  absl::Status StillWanted() const;

  void CountReply(size_t bytes) { reply_bytes_ += bytes; }

  // Frees the slot, writes the access log and says what to answer. The frame isn't used after it.
  grpc::Status Close(const absl::Status& status);

  bool Cancelled() const;
  const Method& method() const { return method_; }
  Call& call() { return call_; }
  Pipeline& pipeline() { return pipeline_; }

 private:
  void ReadMetadata();
  absl::Status TakeSlot();
  absl::Status SetDeadline();
  absl::Status Authenticate();
  // What the caller is told of how its call went.
  absl::Status Told(const absl::Status& status) const;
  bool streaming() const { return method_.entry->streaming(); }

  Pipeline& pipeline_;
  const Method& method_;
  grpc::CallbackServerContext& context_;
  const absl::Time start_;
  Call& call_;
  bool ambiguous_authorization_ = false;
  bool slot_taken_ = false;
  size_t request_bytes_ = 0;
  size_t reply_bytes_ = 0;
};

// The access log: one line per call.
struct AccessRecord {
  telemetry::Level level = telemetry::Level::kInfo;
  std::string_view method;
  absl::Status status;
  absl::Duration duration;
  const Call* call = nullptr;
  std::string_view peer;
  size_t request_bytes = 0;
  size_t reply_bytes = 0;
};
void LogAccess(const AccessRecord& record);

// Gives a call its id and its place in a trace, from the headers `x-request-id` and `traceparent`
// or without them. The id is the proposed one if it is fit for logs (telemetry::IsCallId), and else
// the id of the trace, which every program on the call's way knows.
void Identify(std::string_view proposed_id, std::string_view traceparent, Call& call);

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_PIPELINE_H_
