#include "common/rpc/server_flags.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/flags/flag.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:7000",
          "Where to serve: host:port (port 0: any that is free) or unix:/path.");
ABSL_FLAG(std::string, tls_cert, "",
          "PEM file of the server's certificate, intermediates after it. Empty: plaintext.");
ABSL_FLAG(std::string, tls_key, "", "PEM file of the certificate's private key.");
ABSL_FLAG(std::string, tls_client_ca, "",
          "PEM file of authorities. Given, only clients with a certificate of theirs may connect.");
ABSL_FLAG(
    std::vector<std::string>, client_names, {},
    "Clients that may call, by the names in their certificates: gateway,meetings. Empty: all that "
    "--tls_client_ca signed.");
ABSL_FLAG(bool, allow_plaintext, false,
          "Serve plaintext elsewhere than on loopback and on unix sockets.");
ABSL_FLAG(int32_t, max_concurrent_calls, 1024,
          "Calls served at once, streams not counted. More are refused, to be retried.");
ABSL_FLAG(int32_t, max_streams, 1000, "Streams served at once. More are refused, to be retried.");
ABSL_FLAG(int32_t, max_streams_per_subject, 100, "Streams of one caller served at once.");
ABSL_FLAG(int32_t, max_anonymous_streams, 250,
          "Streams served at once of all callers without a token together.");
ABSL_FLAG(int64_t, stream_memory, int64_t{16} << 20,
          "Bytes of messages on their way to the readers of streams. At this limit streams wait "
          "until readers have taken some.");
ABSL_FLAG(int64_t, reply_memory, int64_t{16} << 20,
          "Bytes of large replies of unary calls on their way to their readers. A caller may have "
          "as much as is free; beyond that, reads are refused.");
ABSL_FLAG(
    absl::Duration, stalled_reader_timeout, absl::Seconds(30),
    "How long a reader of a stream may take nothing while data waits for it. Then it is cut off "
    "with UNAVAILABLE and may resume. Large messages have longer: --slowest_reader.");
ABSL_FLAG(int64_t, slowest_reader, 4 << 10,
          "Bytes a second that a reader of a stream takes at least: for each so many bytes of a "
          "message, --stalled_reader_timeout is a second longer.");
ABSL_FLAG(
    int32_t, worker_threads, 64,
    "Threads for calls that may wait for the store or for other services: this many for reads "
    "and this many for writes. Reads without a token have a sixteenth as many.");
ABSL_FLAG(int32_t, stream_threads, 4, "Threads for what streams read.");
ABSL_FLAG(absl::Duration, default_deadline, absl::Seconds(30),
          "The deadline of calls whose caller set none.");
ABSL_FLAG(int32_t, max_message_bytes, 4 << 20, "The largest request, in bytes.");
ABSL_FLAG(absl::Duration, max_deadline, absl::Minutes(10),
          "The longest deadline of unary calls: one that asks for a later deadline gets this one.");
ABSL_FLAG(absl::Duration, max_anonymous_deadline, absl::Seconds(10),
          "The longest deadline of unary calls without a token.");
ABSL_FLAG(int64_t, memory_quota, int64_t{512} << 20,
          "Bytes that gRPC may hold for messages in transit. A last resort: at this limit it ends "
          "calls, whoever made them.");
ABSL_FLAG(bool, reflection, false,
          "Let anyone who can connect read the descriptors (grpc.reflection.v1alpha).");

namespace baliprocess::rpc {

ServerOptions ServerOptionsFromFlags() {
  ServerOptions options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.tls.certificate = absl::GetFlag(FLAGS_tls_cert);
  options.tls.key = absl::GetFlag(FLAGS_tls_key);
  options.tls.ca = absl::GetFlag(FLAGS_tls_client_ca);
  options.client_names = absl::GetFlag(FLAGS_client_names);
  options.allow_plaintext = absl::GetFlag(FLAGS_allow_plaintext);
  options.max_concurrent_calls = absl::GetFlag(FLAGS_max_concurrent_calls);
  options.max_streams = absl::GetFlag(FLAGS_max_streams);
  options.max_streams_per_subject = absl::GetFlag(FLAGS_max_streams_per_subject);
  options.max_anonymous_streams = absl::GetFlag(FLAGS_max_anonymous_streams);
  options.stream_memory_bytes = absl::GetFlag(FLAGS_stream_memory);
  options.reply_memory_bytes = absl::GetFlag(FLAGS_reply_memory);
  options.reader_patience.any = absl::GetFlag(FLAGS_stalled_reader_timeout);
  options.reader_patience.bytes_per_second = absl::GetFlag(FLAGS_slowest_reader);
  options.worker_threads = absl::GetFlag(FLAGS_worker_threads);
  options.stream_threads = absl::GetFlag(FLAGS_stream_threads);
  options.default_deadline = absl::GetFlag(FLAGS_default_deadline);
  options.max_message_bytes = absl::GetFlag(FLAGS_max_message_bytes);
  options.max_deadline = absl::GetFlag(FLAGS_max_deadline);
  options.max_anonymous_deadline = absl::GetFlag(FLAGS_max_anonymous_deadline);
  options.memory_quota_bytes = absl::GetFlag(FLAGS_memory_quota);
  options.reflection = absl::GetFlag(FLAGS_reflection);
  return options;
}

}  // namespace baliprocess::rpc
