// The changes of a service as they happen, over as many connections as it takes:
//
//   common::v1::WatchChangesRequest request;
//   request.add_types("baliprocess.net/Official");
//   client::Watch watch(
//       [&](grpc::ClientContext* context, const common::v1::WatchChangesRequest& wanted) {
//         return stub->WatchChanges(context, wanted);
//       },
//       request);
//   while (const common::v1::Change* change = watch.Next()) …
//
// When the stream ends or breaks, the watch is opened again behind the last change, so none is
// missing and none comes twice.

#ifndef BALIPROCESS_CLIENT_WATCH_H_
#define BALIPROCESS_CLIENT_WATCH_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>
#include <grpcpp/support/sync_stream.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "baliprocess/common/v1/changes.pb.h"

namespace baliprocess::client {

// Read by one thread. Another one may end it.
class Watch {
 public:
  using Stream = grpc::ClientReaderInterface<common::v1::WatchChangesResponse>;
  using Open = std::function<std::unique_ptr<Stream>(grpc::ClientContext* context,
                                                     const common::v1::WatchChangesRequest&)>;

  // `open` opens a stream by a stub, which must live longer.
  Watch(Open open, common::v1::WatchChangesRequest request);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Waits until the watch stands: changes made from then on are seen. False as Next tells. It isn't
  // needed before reading.
  bool Stand();

  // The next change, which is good until the next call. Null when the watch can't go on: it was
  // closed, never stood, or its token leads nowhere any more (HISTORY_COMPACTED); status() tells.
  const common::v1::Change* Next();

  // Where to go on after the last change that Next told: keep it to go on later.
  const std::string& resume_token() const { return request_.resume_token(); }

  // Why the watch ended. OK as long as it hasn't, and when it was closed.
  const grpc::Status& status() const { return status_; }

  // Ends the watch; any thread may do that.
  void Close();

 private:
  // Reads the next message into `message_`. False when the watch can't go on.
  bool Read();
  // Whether there is a stream; false once the watch is closed.
  bool Connect();
  // Takes leave of a stream that ended. False if the watch ends with it.
  bool GoOnAfterStream(int failures);
  void GoOnAfter(const std::string& token);

  const Open open_;
  common::v1::WatchChangesRequest request_;
  std::unique_ptr<Stream> stream_;
  common::v1::WatchChangesResponse message_;
  int told_ = 0;        // how many changes of the message were told
  bool stood_ = false;  // the service has answered once
  grpc::Status status_;

  std::mutex mutex_;
  std::condition_variable closing_;
  bool closed_ = false;
  std::unique_ptr<grpc::ClientContext> context_;  // of the stream
};

}  // namespace baliprocess::client

#endif  // BALIPROCESS_CLIENT_WATCH_H_
