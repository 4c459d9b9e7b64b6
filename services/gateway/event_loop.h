// One thread of the gateway with all that is its own: connections of clients and to services,
// timers, remembered tokens, buffers. Loops share nothing that changes on a call's way.

#ifndef BALIPROCESS_SERVICES_GATEWAY_EVENT_LOOP_H_
#define BALIPROCESS_SERVICES_GATEWAY_EVENT_LOOP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/gateway/admission.h"
#include "services/gateway/backend.h"
#include "services/gateway/connection.h"
#include "services/gateway/connection_limits.h"
#include "services/gateway/health.h"
#include "services/gateway/options.h"
#include "services/gateway/poller.h"
#include "services/gateway/resolver.h"
#include "services/gateway/routes.h"
#include "services/gateway/timer.h"

namespace baliprocess::gateway {

class Downstream;

// What the loops of a gateway have in common. Doesn't change, but for the last two, which are safe
// for many threads.
struct Shared {
  Options options;
  Routes routes;
  auth::TokenVerifier* verifier = nullptr;
  SslContext listener_tls;  // null: plaintext
  SslContext upstream_tls;  // null: plaintext
  ConnectionLimits connection_limits;
  std::atomic<bool> draining = false;
};

class EventLoop {
 public:
  explicit EventLoop(Shared& shared);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs until Stop, on the calling thread. Connects to the services first.
  void Run();

  // The following four may be called from any thread.

  // Serves a client's connection; its place among the limits was taken.
  void Adopt(UniqueFd socket, std::string peer);
  // Sends GOAWAY to the clients; `done` is called when the last has gone.
  void Drain(std::function<void()> done);
  // Ends everything, and Run.
  void Stop();
  // Has the function run on the loop's thread; not at all once Run has ended.
  void Post(std::function<void()> function) { poller_.Post(std::move(function)); }

  // All that follows is for the loop's own thread.

  Poller& poller() { return poller_; }
  Resolver& resolver() { return resolver_; }
  Shared& shared() { return shared_; }
  const Options& options() const { return shared_.options; }
  TimerQueue& timers() { return timers_; }
  Admission& admission() { return admission_; }
  Health& health() { return health_; }
  Backend& backend(size_t index) { return *backends_[index]; }

  // Has the connection flushed when everything of this wake-up has been processed.
  void MarkDirty(Connection& connection, bool& mark);
  void Remove(Downstream& client);

  // Buffers that are used within one read or flush and shared by all connections.
  std::span<char> read_buffer() { return read_buffer_; }
  std::span<char> plaintext_buffer() { return plaintext_buffer_; }
  std::string& spare_output() { return spare_output_; }
  std::string& plaintext_output() { return plaintext_output_; }
  std::vector<nghttp2_nv>& fields() {
    fields_.clear();
    return fields_;
  }

 private:
  void Gather();
  void FlushDirty();
  void Tick();
  void EndAll();

  Shared& shared_;
  Poller poller_;
  TimerQueue timers_;
  Admission admission_;
  Health health_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::unordered_map<Downstream*, std::shared_ptr<Downstream>> clients_;
  std::vector<std::shared_ptr<Connection>> dirty_;
  std::vector<std::shared_ptr<Connection>> flushing_;
  std::function<void()> drained_;
  bool stopped_ = false;
  FunctionTimer tick_;
  std::vector<char> read_buffer_;
  std::vector<char> plaintext_buffer_;
  std::string spare_output_;
  std::string plaintext_output_;
  std::vector<nghttp2_nv> fields_;
  Resolver resolver_;  // the first to go: its thread posts here
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_EVENT_LOOP_H_
