// What happens to every call before and after its body. Used by the reactors of this folder.

#ifndef BALIPROCESS_COMMON_RPC_PIPELINE_H_
#define BALIPROCESS_COMMON_RPC_PIPELINE_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/auth/access.h"
#include "common/auth/token.h"
#include "common/base/shared_pool.h"
#include "common/base/steady_time.h"
#include "common/rpc/call_layer.h"
#include "common/rpc/request_bounds.h"
#include "common/rpc/server.h"
#include "common/rpc/service.h"
#include "common/rpc/slots.h"
#include "common/rpc/stream_limits.h"
#include "common/rpc/worker_pool.h"

namespace baliprocess::rpc {

class StreamSet;

// The threads of a server, apart by what they do, so that none of it can delay the rest.
struct Pools {
  explicit Pools(const ServerOptions& options);

  WorkerPool writes;  // uploads among them
  WorkerPool reads;   // of callers with a token
  WorkerPool
      anonymous;       // reads of callers without one: fewer threads, which give way to all others
  WorkerPool streams;  // pulls of server streams
};

// All that is known of a method once the server starts: calls look nothing up.
struct Method {
  const MethodTable* table = nullptr;
  const MethodTable::Entry* entry = nullptr;
  std::string path;  // `/package.Service/Method`
  const auth::MethodAccess* access = nullptr;
  std::unique_ptr<const RequestBounds> bounds;
  const google::protobuf::Message* request_prototype = nullptr;
  const google::protobuf::Message* reply_prototype = nullptr;
  // Whether it changes anything: its idempotency_level isn't NO_SIDE_EFFECTS.
  bool writes = true;
  // Of the server's own, such as health: takes no slot.
  bool housekeeping = false;
};

// What the calls of a server share.
struct Pipeline {
  ServerOptions options;
  std::shared_ptr<auth::TokenVerifier> verifier;
  CallLayers layers;
  Slots calls;
  Slots anonymous_calls;  // of those: what callers without a token may take
  Slots streams;
  StreamPlaces stream_places;
  StreamBudget stream_budget;
  PoolShares unread_replies;  // bytes of large unary replies on their way, by subject
  StreamSet* open_streams = nullptr;
  Pools* pools = nullptr;
};

// A call on its way through the pipeline. Its reactor calls Admit, then Parse, then runs the body,
// then, in every case, Close.
class CallFrame {
 public:
  // Fills `call`, which lives as long as the frame.
  CallFrame(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
            Call& call);

  // Deadline, slot, a look at the queue, caller, roles.
  absl::Status Admit();

  // Parses the request, or the next message of a client stream, made by the method's prototype, and
  // checks that it concerns the caller.
  absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& request);

  // Why the body mustn't start any more, if so: for calls that have waited.
  absl::Status StillWanted() const;

  // What the layers have to say before the body runs. On the thread of the body.
  absl::Status StartBody() { return pipeline_.layers.OnBody(view_); }

  // What the layers have to say of a reply, or of a stream's next message, of so many bytes.
  absl::Status Reply(size_t bytes);

  // Tells the layers how the call ended and says what to answer. Frees the slot of a unary call,
  // whose frame isn't used after it.
  grpc::Status Close(const absl::Status& status);

  // Frees the places of a stream: when gRPC is done with it, since until then a reader that takes
  // nothing holds memory.
  void ReleaseStream();

  // Takes the place of a unary reply, as long as the frame lives. OVERLOADED when callers let too
  // many bytes wait; small replies, and what a write has done, are always told.
  absl::Status HoldReply(size_t bytes);

  // Whether the caller's token is still good.
  absl::Status Recheck();

  // What cuts the call off, whatever waits to be sent: its caller is told UNAVAILABLE and `why`, a
  // literal. Made before gRPC is done with the call, and run, once, at any time and without a lock.
  std::function<void()> CutOff(const char* why);

  // The caller's share of the bytes of streams; nullptr for housekeeping.
  StreamBudget* stream_share() const { return stream_share_.get(); }

  bool Cancelled() const;
  // Where the body runs, unless it runs inline.
  WorkerPool& pool() const;
  const Method& method() const { return method_; }
  Call& call() { return call_; }
  Pipeline& pipeline() { return pipeline_; }

 private:
  void ReadMetadata();
  absl::Status TakeSlot();
  absl::Status TakeStreamPlace();
  // Refuses what would wait in the queue until too little is left of its deadline.
  absl::Status CheckWait() const;
  // Whether the client's certificate has one of the names that may call.
  absl::Status CheckClient() const;
  absl::Status SetDeadline();
  absl::Status Authenticate();
  // What the caller is told of how its call went.
  absl::Status Told(const absl::Status& status) const;
  bool anonymous() const { return authorizations_ == 0; }
  bool streaming() const { return method_.entry->streaming(); }

  Pipeline& pipeline_;
  const Method& method_;
  grpc::CallbackServerContext& context_;
  const absl::Time start_;
  const SteadyTime begun_ = SteadyNow();
  Call& call_;
  const CallView view_;
  int authorizations_ = 0;  // headers of that name
  bool slot_taken_ = false;
  bool anonymous_slot_taken_ = false;
  bool stream_place_taken_ = false;
  std::shared_ptr<StreamBudget> stream_share_;
  PoolTicket reply_held_;
  size_t request_bytes_ = 0;
  size_t reply_bytes_ = 0;
};

// Gives a call its id and its place in a trace, from the headers `x-request-id` and `traceparent`
// or without them. The id is the proposed one if it is fit for logs (telemetry::IsCallId), and else
// the id of the trace, which every program on the call's way knows. `tracer` says whether a trace
// that begins here is recorded; null: it isn't.
void Identify(std::string_view proposed_id, std::string_view traceparent, telemetry::Tracer* tracer,
              Call& call);

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_PIPELINE_H_
