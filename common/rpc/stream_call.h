// The reactor of a server stream.

#ifndef BALIPROCESS_COMMON_RPC_STREAM_CALL_H_
#define BALIPROCESS_COMMON_RPC_STREAM_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>

#include "common/rpc/open_stream.h"

namespace baliprocess::rpc {

// Carries the messages of a StreamSource. It is in one state at a time: idle, with a Pull on the
// pool of streams, with a message on its way to the transport, finished, or done with by gRPC. What
// happens meanwhile (a wake, a reason to end) is noted and acted on when the state is idle again,
// so there is never more than one Pull, one write, or one Finish. While idle it holds no thread and
// no message.
class StreamCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public OpenStream {
 public:
  // Takes the call through the pipeline. It lives until gRPC is done with it.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(Pipeline& pipeline, const Method& method,
                                                           grpc::CallbackServerContext& context,
                                                           const grpc::ByteBuffer& request);

  void End(absl::Status why) override;
  void CheckReader(SteadyTime now, const ReaderPatience& patience) override;

 private:
  enum class State { kIdle, kPulling, kWriting, kFinished, kDone };

  using OpenStream::OpenStream;
  absl::Status Prepare(const grpc::ByteBuffer& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override { EndCancelled(); }
  void OnDone() override;

  void Wake();
  // Does what is due in state idle. Gives the lock up.
  void Step(std::unique_lock<std::mutex> lock);
  // Whether the budget has room for another message; if not, the stream goes on when it has.
  bool MayPull();
  // The budget has room: goes on, if it still wants to. Whether it will pass on what is left of it.
  bool Resume();
  void PassOnRoom();
  // On the pool of streams.
  void Pull();
  absl::StatusOr<StreamSource::Next> PullNext();
  // Fills bytes_.
  absl::StatusOr<StreamSource::Next> PullBytes();
  absl::Status Open();
  // Gives the message to the transport. Gives the lock up.
  void Write(std::unique_lock<std::mutex> lock);
  void ReleaseBytes();

  std::shared_ptr<StreamCall> self_;  // until OnDone

  // Of the Pull, or of the write that follows it.
  std::unique_ptr<google::protobuf::Message> request_;
  std::unique_ptr<StreamSource> source_;
  grpc::ByteBuffer bytes_;
  size_t charged_ = 0;  // to the budget, while bytes_ is on its way

  std::mutex mutex_;
  State state_ = State::kIdle;
  ReaderWatch reader_;  // in kWriting and kFinished
  bool cut_off_ = false;
  bool parked_ = false;                 // until the budget has room
  bool wanted_ = true;                  // a Pull is due
  bool more_ = true;                    // a Pull is due after the write
  bool woken_ = false;                  // since the last Pull, and before the end
  std::optional<absl::Status> ending_;  // why the stream is to end
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_STREAM_CALL_H_
