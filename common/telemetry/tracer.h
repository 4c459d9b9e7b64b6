// Spans: what a process did for a call whose trace is recorded, and the way to who collects them.
//
// Nothing that serves ever waits for a collector: spans lie in a queue of limited length, a thread
// takes them out in batches, and what has no room is dropped and counted, with one line in the log
// per interval that says how many.

#ifndef BALIPROCESS_COMMON_TELEMETRY_TRACER_H_
#define BALIPROCESS_COMMON_TELEMETRY_TRACER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"

namespace baliprocess::telemetry {

// One process's part of a call. Holds nothing of who calls, nor of what is said: traces are kept by
// others.
struct Span {
  enum class Kind {
    kServer,  // a call that was answered
    kClient,  // an attempt to have another process answer it
    kStore,   // a transaction of the store
  };
  Kind kind = Kind::kServer;
  // In hexadecimal digits, as in trace.h. The parent is empty where the trace begins.
  std::string trace_id;
  std::string span_id;
  std::string parent_id;
  // `/package.Service/Method`; empty: there is no such method. Of a transaction: `read`, `write`.
  std::string method;
  absl::Time begin;
  absl::Time end;
  int grpc_status = 0;      // a code of gRPC's
  std::string_view reason;  // api.v1.Error.Reason by name, a literal; empty: none
  std::string peer;         // of an attempt: the address, such as `127.0.0.1:7401`
  int attempt = 0;          // of an attempt: which, the first is 1
  std::string_view engine;  // of a transaction: the store's, such as `SQLite`; a literal
};

// Where spans go. Used by one thread.
class SpanWriter {
 public:
  virtual ~SpanWriter() = default;
  // Waits until the spans are taken, at most for `timeout`.
  virtual absl::Status Write(const std::vector<Span>& spans, absl::Duration timeout) = 0;
};

struct TracerOptions {
  double ratio = 0;                              // of new traces that are recorded, from 0 to 1
  size_t max_waiting = 4096;                     // spans
  size_t batch = 512;                            // spans; so many are written at once
  absl::Duration delay = absl::Seconds(1);       // after which fewer are
  absl::Duration timeout = absl::Seconds(2);     // for one batch, and for the last at the end
  absl::Duration log_every = absl::Seconds(10);  // a line about dropped spans
};

// Safe for use by many threads.
class Tracer {
 public:
  Tracer(TracerOptions options, std::unique_ptr<SpanWriter> writer);
  // Writes what waits, in one attempt, unless the last one failed.
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // Whether a trace that begins here is recorded: by chance.
  bool SampleNew() const;

  // Hands over a span, or drops it. Never waits.
  void Record(Span span);

  // Each only grows.
  struct Counts {
    uint64_t written = 0;  // spans that were taken
    uint64_t dropped = 0;  // that had no room, or that nobody took
  };
  Counts counts() const { return {written_, dropped_}; }

 private:
  void Run();
  // Waits for a batch. False: the end has come.
  bool AwaitBatch(std::vector<Span>& batch);
  void WriteBatch(const std::vector<Span>& batch);
  void LogDropped(SteadyTime now);

  const TracerOptions options_;
  const std::unique_ptr<SpanWriter> writer_;
  std::atomic<uint64_t> written_ = 0;
  std::atomic<uint64_t> dropped_ = 0;

  // Of the thread alone.
  absl::Status last_;  // how the last batch went
  uint64_t dropped_told_ = 0;
  SteadyTime next_line_ = SteadyTime::min();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Span> waiting_;
  bool ending_ = false;
  std::thread thread_;  // the last: it uses all of the above
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_TRACER_H_
