// Calls to other services of the suite.

#ifndef BALIPROCESS_COMMON_RPC_CLIENT_H_
#define BALIPROCESS_COMMON_RPC_CLIENT_H_

#include <google/protobuf/message.h>

#include <atomic>
#include <cstdint>
#include <functional>
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
  // How long a peer may be out of reach, as while its only replica restarts, and calls wait for its
  // return, each within its own time. Zero: none waits.
  absl::Duration wait = absl::ZeroDuration();
  // Whether waits are to end, as the process does; may be null.
  std::function<bool()> ends = nullptr;
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

// Since when a peer is out of reach: calls wait once per absence, not each for as long. Safe for
// use by many threads.
class Absence {
 public:
  explicit Absence(absl::Duration wait) : wait_(absl::ToChronoNanoseconds(wait)) {}

  // The peer can't be reached, as was found at `now`.
  void Begin(SteadyTime now) {
    SteadyTime none = kNone;
    waited_until_.compare_exchange_strong(none, now + wait_);
  }
  // The peer was reached.
  void End() { waited_until_ = kNone; }

  bool lasts() const { return waited_until_.load() != kNone; }
  // Whether calls have waited for long enough at `now`.
  bool IsWaitedOut(SteadyTime now) const { return now >= waited_until_.load(); }

 private:
  static constexpr SteadyTime kNone = SteadyTime::max();

  const SteadyTime::duration wait_;
  std::atomic<SteadyTime> waited_until_{kNone};
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
  // for a moment. Where calls wait for a peer that is out of reach (PeerOptions::wait), one that
  // was lost with its connection is made again: the method must be one that may be called twice.
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
    int64_t waits = 0;     // calls of whatever end that have waited for its return
  };
  Counts counts() const { return {calls_, failures_, refused_, waits_}; }

 private:
  Peer(PeerOptions options, std::shared_ptr<grpc::Channel> channel);

  // One try of a call; the first is 1.
  grpc::Status Try(const rpc::Call& parent, const std::string& path, int attempt, absl::Time start,
                   absl::Time deadline, const google::protobuf::Message& request,
                   google::protobuf::Message& reply);

  // Waits until the peer can be reached. False: it can't, and the call is to wait no longer.
  bool AwaitReturn(const rpc::Call& parent, absl::Time deadline);

  // How a try went that had the time `given`.
  void Record(const grpc::Status& status, absl::Duration given);
  // What a question for its health, or a try, tells of whether it can be reached.
  void RecordReach(const grpc::Status& status);

  void RecordSpan(const rpc::Call& parent, std::string_view traceparent, const std::string& path,
                  int attempt, absl::Time start, const grpc::Status& status);

  std::shared_ptr<grpc::Channel> channel();
  bool IsOld();
  absl::Status AskHealthOn(grpc::Channel& channel);

  const PeerOptions options_;
  std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;  // guarded by mutex_
  SteadyTime made_ = SteadyNow();           // guarded by mutex_
  Breaker breaker_;
  Absence absence_;
  telemetry::StateLog log_;
  telemetry::StateLog waits_log_;
  std::atomic<int64_t> calls_ = 0;
  std::atomic<int64_t> failures_ = 0;
  std::atomic<int64_t> refused_ = 0;
  std::atomic<int64_t> waits_ = 0;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_CLIENT_H_
