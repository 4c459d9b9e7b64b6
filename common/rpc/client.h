// Calls to other services of the suite.

#ifndef BALIPROCESS_COMMON_RPC_CLIENT_H_
#define BALIPROCESS_COMMON_RPC_CLIENT_H_

#include <google/protobuf/message.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/rpc/service.h"
#include "common/rpc/tls.h"
#include "common/telemetry/state_log.h"

namespace grpc {
class Channel;
class Status;
}  // namespace grpc

namespace baliprocess::rpc {

struct PeerOptions {
  // Names the peer in errors and logs: `membership`.
  std::string name;
  // `host:port`, `unix:/path`, or `dns:///host:port`: each address that the name has gets its share
  // of the calls.
  std::string address;
  // Empty: plaintext.
  TlsFiles tls;
  // The name that the peer's certificate must have, when it isn't that of the address.
  std::string certificate_name;
  // A call never waits longer than this, whatever its parent's deadline.
  absl::Duration timeout = absl::Seconds(10);
  // How old connections become, while health is asked for: names are looked up anew with new ones,
  // so that replicas that were added get their share.
  absl::Duration connection_age = absl::Seconds(20);
};

// Leaves a peer alone that fails: after some calls in a row without an answer, all but one now and
// then are refused at once, until one is answered. Safe for use by many threads.
class Breaker {
 public:
  static constexpr int kFailures = 5;
  static constexpr absl::Duration kPause = absl::Milliseconds(500);

  // Whether a call may be made at `now`.
  bool Allows(SteadyTime now);
  // How a call that was made went.
  void Record(bool answered, SteadyTime now);

  // Whether the peer is left alone.
  bool open() const { return failures_.load(std::memory_order_relaxed) >= kFailures; }

 private:
  std::atomic<int> failures_{0};
  std::atomic<SteadyTime> next_try_{SteadyTime::min()};
};

// A service that another one asks. Made once and kept: it holds the connections. Safe for use by
// many threads.
class Peer {
 public:
  // Connects when it is first called. An error when a file can't be read.
  static absl::StatusOr<std::unique_ptr<Peer>> Create(PeerOptions options);

  // Makes the unary call `path` (`/package.Service/Method`) on behalf of `parent`: with its
  // caller's token, its id, its trace, and what is left of its deadline. Waits, so only for bodies
  // on the worker pool, and never inside a transaction. Errors that the peer gives reasons for come
  // back as they are; a peer that can't be reached, or doesn't answer within its timeout, is
  // TEMPORARILY_UNAVAILABLE, and so is one that didn't answer some calls in a row: without waiting,
  // for a moment.
  absl::Status Call(const rpc::Call& parent, const std::string& path,
                    const google::protobuf::Message& request, google::protobuf::Message& reply);

  // Reads the files of TLS anew, for connections to come. An error when they can't be used: then
  // nothing changes.
  absl::Status Renew();

  // OK while it reports that it is serving.
  absl::Status AskHealth();

  // What was asked of it, but for its health. Each only grows.
  struct Counts {
    int64_t calls = 0;     // that were made
    int64_t failures = 0;  // of those, without an answer
    int64_t refused = 0;   // that weren't made, since it was left alone
  };
  Counts counts() const { return {calls_, failures_, refused_}; }

 private:
  Peer(PeerOptions options, std::shared_ptr<grpc::Channel> channel);

  // How a call went that had the time `given`.
  void Record(const grpc::Status& status, absl::Duration given);

  void RecordSpan(const rpc::Call& parent, std::string_view traceparent, const std::string& path,
                  absl::Time start, const grpc::Status& status);

  std::shared_ptr<grpc::Channel> channel();
  bool IsOld();
  absl::Status AskHealthOn(grpc::Channel& channel) const;

  const PeerOptions options_;
  std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;  // guarded by mutex_
  SteadyTime made_ = SteadyNow();           // guarded by mutex_
  Breaker breaker_;
  telemetry::StateLog log_;
  std::atomic<int64_t> calls_ = 0;
  std::atomic<int64_t> failures_ = 0;
  std::atomic<int64_t> refused_ = 0;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_CLIENT_H_
