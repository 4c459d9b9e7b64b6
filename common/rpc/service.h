// How a service offers its methods: a table from method to plain function.
//
// A body knows nothing of gRPC. The pipeline (server.h) has done everything that is the same for
// all methods before it runs: request id and trace context, log, concurrency limit, deadline,
// authentication, access, parsing. What a body returns is turned into the gRPC status behind it.

#ifndef BALIPROCESS_COMMON_RPC_SERVICE_H_
#define BALIPROCESS_COMMON_RPC_SERVICE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/caller.h"

namespace baliprocess::telemetry {
class Tracer;
}

namespace baliprocess::rpc {

// A call in progress, as its body sees it.
struct Call {
  const google::protobuf::MethodDescriptor* method = nullptr;
  auth::Caller caller;
  // Of the access log; not the request_id field of a mutation.
  std::string call_id;
  // W3C trace context to pass on to peers (`traceparent`).
  std::string traceparent;
  // Where spans of what the call asks of peers go; null: nowhere.
  telemetry::Tracer* tracer = nullptr;
  // What the caller says of how far the store must be (base/position_header.h): what it has seen.
  std::string position;
  // How far the store was that the reply is of, to be told. Set by the body.
  mutable std::string reply_position;
  // The value of the caller's `authorization` header, to pass on to peers.
  std::string authorization;
  // When the caller stops waiting; the server's default when it didn't say. Infinite future for a
  // stream whose caller set none: a watch lives as long as its watcher.
  absl::Time deadline;
  // Whether the caller has gone or the deadline has passed. Cheap.
  std::function<bool()> cancelled;
};

// Where a body runs.
enum class Execution {
  kInline,  // on an event thread: for bodies that never wait (reads of an embedded store)
  kPooled,  // on the bounded worker pool: for bodies that may wait (writes, networks)
};

// Fills `reply`, a new message of the method's output type.
using UnaryBody = std::function<absl::Status(Call& call, const google::protobuf::Message& request,
                                             google::protobuf::Message& reply)>;

// Bytes that never change, held by all who need them.
using SharedBytes = std::shared_ptr<const std::string>;

// The messages of a server stream, pulled one at a time: the next is asked for only when the last
// was handed to the transport, so that a slow reader holds one message and nothing piles up.
class StreamSource {
 public:
  enum class Next {
    kMessage,      // `reply` was filled: send it
    kLastMessage,  // the same, and there is nothing more now: ask again after the waker was called
    kIdle,         // nothing now: ask again after the waker was called
    kEnd,          // the stream is complete
  };
  // Called when the call ends, however it ends; Pull isn't running and won't be called again.
  virtual ~StreamSource() = default;
  // Runs on the pool of streams, never twice at once. An error ends the stream with it.
  virtual absl::StatusOr<Next> Pull(google::protobuf::Message& reply) = 0;

  // As Pull, with the message as bytes in `bytes` (nullptr: none), for sources that send the same
  // bytes to many readers: they are made once and never copied. Only where `shares_bytes`.
  virtual absl::StatusOr<Next> PullBytes(SharedBytes& /*bytes*/) {
    return absl::InternalError("this source shares no bytes");
  }
  virtual bool shares_bytes() const { return false; }
};

// A source of messages that are made once for many readers.
class SharedSource : public StreamSource {
 public:
  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) final {
    SharedBytes bytes;
    const absl::StatusOr<Next> next = PullBytes(bytes);
    if (next.ok() && bytes != nullptr && !reply.ParseFromString(*bytes)) {
      return absl::InternalError("a prepared message can't be read");
    }
    return next;
  }
  absl::StatusOr<Next> PullBytes(SharedBytes& bytes) override = 0;
  bool shares_bytes() const final { return true; }
};

// Starts a server stream. `wake` asks for another Pull; it may be called from any thread, also
// after the stream has ended, and costs little when a Pull is pending already.
using StreamBody = std::function<absl::StatusOr<std::unique_ptr<StreamSource>>(
    const std::shared_ptr<Call>& call, const google::protobuf::Message& request,
    std::function<void()> wake)>;

// Where the messages of a client stream go, one at a time: the next is read from the transport only
// when the last was taken, so that a fast sender is held back and nothing piles up.
class StreamSink {
 public:
  // Called when the call ends, however it ends; nothing else is running and won't be called again.
  virtual ~StreamSink() = default;
  // Takes the next message. Runs on the worker pool, never twice at once. An error ends the call
  // with it, whatever the client still sends.
  virtual absl::Status Take(const google::protobuf::Message& message) = 0;
  // No more messages come: fills the reply. A lost connection can look the same, so it must follow
  // from the messages themselves whether they were all.
  virtual absl::Status Complete(google::protobuf::Message& reply) = 0;
};

// Starts a client stream, when its first message has come or it has ended without any.
using SinkBody =
    std::function<absl::StatusOr<std::unique_ptr<StreamSink>>(const std::shared_ptr<Call>& call)>;

// The methods of one gRPC service.
class MethodTable {
 public:
  struct Entry {
    const google::protobuf::MethodDescriptor* method = nullptr;
    Execution execution = Execution::kPooled;
    UnaryBody unary;  // one of the three
    StreamBody stream;
    SinkBody sink;
    bool streaming() const { return unary == nullptr; }
  };

  explicit MethodTable(const google::protobuf::ServiceDescriptor* service) : service_(service) {}

  // What is done to every request when it was read, before anything looks at it.
  void PrepareBy(void (*prepare)(google::protobuf::Message& request)) { prepare_ = prepare; }
  void Prepare(google::protobuf::Message& request) const {
    if (prepare_ != nullptr) prepare_(request);
  }

  void Unary(const google::protobuf::MethodDescriptor* method, Execution execution,
             UnaryBody body) {
    entries_[method] = {method, execution, std::move(body), nullptr, nullptr};
  }
  void ServerStream(const google::protobuf::MethodDescriptor* method, StreamBody body) {
    entries_[method] = {method, Execution::kPooled, nullptr, std::move(body), nullptr};
  }
  // Access by the caller's own member is judged on every message.
  void ClientStream(const google::protobuf::MethodDescriptor* method, SinkBody body) {
    entries_[method] = {method, Execution::kPooled, nullptr, nullptr, std::move(body)};
  }

  // Typed: `table.Unary<Request, Reply>("DissolveBody", Execution::kPooled,
  //                 [](Call&, const Request&, Reply&) -> absl::Status { ... })`.
  template <typename Request, typename Reply, typename Body>
  void Unary(const std::string& name, Execution execution, Body body) {
    Unary(service_->FindMethodByName(name), execution,
          [body = std::move(body)](Call& call, const google::protobuf::Message& request,
                                   google::protobuf::Message& reply) {
            return body(call, static_cast<const Request&>(request), static_cast<Reply&>(reply));
          });
  }

  // Likewise: `table.ServerStream<Request>("WatchChanges", [](const std::shared_ptr<Call>&,
  //     const Request&, std::function<void()> wake)
  //     -> absl::StatusOr<std::unique_ptr<StreamSource>> { ... })`.
  template <typename Request, typename Body>
  void ServerStream(const std::string& name, Body body) {
    ServerStream(service_->FindMethodByName(name),
                 [body = std::move(body)](const std::shared_ptr<Call>& call,
                                          const google::protobuf::Message& request,
                                          std::function<void()> wake) {
                   return body(call, static_cast<const Request&>(request), std::move(wake));
                 });
  }

  void ClientStream(const std::string& name, SinkBody body) {
    ClientStream(service_->FindMethodByName(name), std::move(body));
  }

  const google::protobuf::ServiceDescriptor* service() const { return service_; }
  const std::unordered_map<const google::protobuf::MethodDescriptor*, Entry>& entries() const {
    return entries_;
  }

 private:
  const google::protobuf::ServiceDescriptor* service_;
  void (*prepare_)(google::protobuf::Message&) = nullptr;
  std::unordered_map<const google::protobuf::MethodDescriptor*, Entry> entries_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_SERVICE_H_
