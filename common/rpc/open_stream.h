// What streams of both kinds have in common.

#ifndef BALIPROCESS_COMMON_RPC_OPEN_STREAM_H_
#define BALIPROCESS_COMMON_RPC_OPEN_STREAM_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/reader_watch.h"

namespace baliprocess::rpc {

// A stream's call. It can be ended at any time: by the server's shutdown, by a caller who goes, by
// the expiry of the token.
class OpenStream : public std::enable_shared_from_this<OpenStream> {
 public:
  virtual ~OpenStream() = default;

  // Ends the stream with `why` as soon as nothing is under way. The first reason counts.
  virtual void End(absl::Status why) = 0;

  // Ends the stream if its token isn't good any more, since keys were taken away.
  void CheckToken();
  // Cuts the stream off if its reader has had longer than `patience` for what waits for it.
  virtual void CheckReader(SteadyTime /*now*/, const ReaderPatience& /*patience*/) {}

 protected:
  OpenStream(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context);

  // Joins the server's open streams; an error when it is shutting down.
  absl::Status Join();
  void Leave();

  // Why nothing more should be done for the caller, if so.
  absl::Status StillWanted() const;
  // For the reactor's OnCancel.
  void EndCancelled();
  // What Call::cancelled reads from now on. A body may keep its Call beyond the stream.
  void SetEnded() { *ended_ = true; }

  const std::shared_ptr<Call> call_ = std::make_shared<Call>();
  CallFrame frame_;

 private:
  const std::shared_ptr<std::atomic<bool>> ended_ = std::make_shared<std::atomic<bool>>(false);
  grpc::Alarm token_expiry_;
};

// The open streams of a server, so that it can end them.
class StreamSet {
 public:
  // False when no stream is taken any more.
  bool Add(const std::shared_ptr<OpenStream>& stream);
  void Remove(const std::shared_ptr<OpenStream>& stream);

  // Ends all streams, and takes none from now on.
  void EndAll(const absl::Status& why);

  std::vector<std::shared_ptr<OpenStream>> All();

 private:
  std::mutex mutex_;
  std::set<std::shared_ptr<OpenStream>> streams_;
  bool closed_ = false;
};

// Looks after the open streams of a server, from a thread of its own: cuts off those whose readers
// take nothing, and ends those whose tokens aren't good any more.
class StreamWarden {
 public:
  // Readers that exceed `patience` are cut off; tokens are looked at every `token_interval`.
  StreamWarden(StreamSet& streams, const ReaderPatience& patience, absl::Duration token_interval);
  ~StreamWarden();

 private:
  void Watch();

  StreamSet& streams_;
  const ReaderPatience patience_;
  const absl::Duration token_interval_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_OPEN_STREAM_H_
