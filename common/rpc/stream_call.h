// The reactor of a server stream.

#ifndef BALIPROCESS_COMMON_RPC_STREAM_CALL_H_
#define BALIPROCESS_COMMON_RPC_STREAM_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "common/rpc/pipeline.h"

namespace baliprocess::rpc {

// Carries the messages of a StreamSource. It is in one state at a time: idle, with a Pull on the
// worker pool, with a message on its way to the transport, or finished. What happens meanwhile (a
// wake, a reason to end) is noted and acted on when the state is idle again, so there is never more
// than one Pull, one write, or one Finish. While idle it holds no thread.
class StreamCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  // Takes the call through the pipeline. It lives until gRPC is done with it.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(Pipeline& pipeline, const Method& method,
                                                           grpc::CallbackServerContext& context,
                                                           const grpc::ByteBuffer& request);

  // Ends the stream with `why` as soon as nothing is under way. The first reason counts.
  void End(absl::Status why);

 private:
  enum class State { kIdle, kPulling, kWriting, kFinished };

  // What Call::cancelled reads. A body may keep its Call beyond the stream.
  struct Ended {
    std::atomic<bool> value{false};
  };

  StreamCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context);
  absl::Status Prepare(const grpc::ByteBuffer& request);
  void EndWithToken();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Wake();
  // Does what is due in state idle. Gives the lock up.
  void Step(std::unique_lock<std::mutex> lock);
  // On the worker pool.
  void Pull();
  absl::StatusOr<StreamSource::Next> PullNext();

  const std::shared_ptr<Ended> ended_ = std::make_shared<Ended>();
  const std::shared_ptr<Call> call_ = std::make_shared<Call>();
  CallFrame frame_;
  std::shared_ptr<StreamCall> self_;  // until OnDone
  grpc::Alarm token_expiry_;

  // Of the Pull, or of the write that follows it.
  std::unique_ptr<google::protobuf::Message> request_;
  std::unique_ptr<google::protobuf::Message> reply_;
  std::unique_ptr<StreamSource> source_;
  grpc::ByteBuffer bytes_;

  std::mutex mutex_;
  State state_ = State::kIdle;
  bool wanted_ = true;                  // a Pull is due
  std::optional<absl::Status> ending_;  // why the stream is to end
};

// The open streams of a server, so that it can end them.
class StreamSet {
 public:
  // False when no stream is taken any more.
  bool Add(const std::shared_ptr<StreamCall>& stream);
  void Remove(const std::shared_ptr<StreamCall>& stream);

  // Ends all streams, and takes none from now on.
  void EndAll(const absl::Status& why);

 private:
  std::mutex mutex_;
  std::set<std::shared_ptr<StreamCall>> streams_;
  bool closed_ = false;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_STREAM_CALL_H_
