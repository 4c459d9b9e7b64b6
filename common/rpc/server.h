// A gRPC server that carries method tables: the same pipeline for every call of every service.
//
// In this order, a call gets its id (the caller's `x-request-id` or a new one, returned in the
// initial metadata) and its place in a trace, then a line in the access log however it ends, a
// deadline, a slot, a look at the queue that it would wait in (OVERLOADED when the wait would take
// much of the deadline), its caller (from `authorization`), the check of roles, its request parsed,
// the check of the member that the request concerns, and its body: on the event thread or on a pool
// of threads. Errors without a reason of ours are logged and never told.

#ifndef BALIPROCESS_COMMON_RPC_SERVER_H_
#define BALIPROCESS_COMMON_RPC_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/token.h"
#include "common/rpc/call_layer.h"
#include "common/rpc/health_monitor.h"
#include "common/rpc/reader_watch.h"
#include "common/rpc/service.h"
#include "common/rpc/tls.h"
#include "common/telemetry/file_follower.h"
#include "common/telemetry/operators.h"
#include "common/telemetry/tracer.h"

namespace baliprocess::rpc {

struct ServerOptions {
  // `host:port`, port 0 for any that is free, or `unix:/path`.
  std::string listen = "127.0.0.1:0";
  // With a certificate: TLS. With an authority besides: only clients that present a certificate
  // which it signed.
  TlsFiles tls;
  // Plaintext elsewhere than on loopback and on a unix socket.
  bool allow_plaintext = false;

  // Names of clients that may call, as their certificates have them (common name, or a DNS name
  // among the alternatives); empty: all that the authority signed. Questions about health are
  // answered to all.
  std::vector<std::string> client_names;

  // Calls at once, streams not counted; more are refused.
  int max_concurrent_calls = 1024;
  // Server streams at once; more are refused.
  int max_streams = 1000;
  // Of them, those of one caller, and those of all callers without a token together.
  int max_streams_per_subject = 100;
  int max_anonymous_streams = 250;
  // Bytes of messages on their way to the readers of streams, over all streams.
  int64_t stream_memory_bytes = int64_t{16} << 20;
  // Bytes of large unary replies on their way to their readers, over all calls. A caller may have
  // as much as is free: half when it is alone. Callers without a token are one together.
  int64_t reply_memory_bytes = int64_t{16} << 20;
  // A reader of a stream that is slower, although a message waits for it, is cut off.
  ReaderPatience reader_patience;
  // How often the tokens of open streams are looked at again.
  absl::Duration token_recheck = absl::Seconds(10);
  // Threads for calls that may wait: so many for writes and so many for reads. Reads without a
  // token have a sixteenth as many. They live while there is work for them.
  int worker_threads = 64;
  // Threads for what streams read.
  int stream_threads = 4;
  // The deadline of a unary call whose caller set none.
  absl::Duration default_deadline = absl::Seconds(30);
  // A unary call that asks for a later deadline gets this one.
  absl::Duration max_deadline = absl::Minutes(10);
  // Likewise, of a caller without a token: what anyone may ask for takes less.
  absl::Duration max_anonymous_deadline = absl::Seconds(10);
  // The largest request; what is more than twice as large is refused without being read.
  int max_message_bytes = 4 << 20;
  // Memory that gRPC may hold for messages in transit, in bytes. A last resort: at this limit gRPC
  // ends calls, whoever made them.
  int64_t memory_quota_bytes = int64_t{512} << 20;

  // Whether anyone who can connect may read the descriptors.
  bool reflection = false;

  // What calls go through besides the access log, which is above them.
  std::vector<std::shared_ptr<CallLayer>> layers;

  // How often files of TLS are looked at, and who is told how it went when they were read anew.
  absl::Duration follow_files = absl::Seconds(2);
  telemetry::FileFollower::OnReload on_reload;

  // Where the spans of recorded traces go; it says as well which of the traces that begin here are
  // recorded, of others their callers do. Null: nowhere, and none.
  std::shared_ptr<telemetry::Tracer> tracer;
};

// Operators see its probes and its threads, and what its streams hold.
class Server : public telemetry::Inspected {
 public:
  // Listens and serves `tables` and grpc.health.v1. Refuses to start when a method of a service has
  // no body, a body doesn't fit its method, or a method declares no access. Without a verifier,
  // every token is refused. Health is SERVING while all of `probes` but peers answer, from when
  // each has done so for the first time; the start waits a second at most for that. Bodies, probes
  // and what they use outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      ServerOptions options, std::vector<MethodTable> tables,
      std::shared_ptr<auth::TokenVerifier> verifier, std::vector<HealthProbe> probes = {});

  // Shuts down without waiting.
  ~Server() override = default;

  // The bound port; 0 on a unix socket.
  virtual int port() const = 0;

  // Has files of TLS read anew soon, whether they have changed or not.
  virtual void Reload() = 0;

  // Reports NOT_SERVING from now on; calls that come are taken as before.
  virtual void AnnounceDrain() = 0;

  // Drains: reports NOT_SERVING, takes no new calls, ends streams with TEMPORARILY_UNAVAILABLE and
  // waits for calls. Those that aren't done after `patience` are cancelled; a body that doesn't
  // heed that is waited for. Once only.
  virtual void Shutdown(absl::Duration patience) = 0;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_SERVER_H_
