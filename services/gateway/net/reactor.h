// What connections need of the thread that they live on: waiting for sockets and times, writing
// once per wake-up, buffers to share. Connections of one reactor never wait for another's.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_REACTOR_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_REACTOR_H_

#include <nghttp2/nghttp2.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "services/gateway/net/counts.h"
#include "services/gateway/net/head_unpacker.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/net/poller.h"
#include "services/gateway/net/resolver.h"
#include "services/gateway/net/timer.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

class Connection;

class Reactor {
 public:
  // `options` must outlive the reactor.
  explicit Reactor(const Options& options);
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Has the function run on the reactor's thread; not at all once that has ended. From any thread.
  void Post(std::function<void()> function) { poller_.Post(std::move(function)); }

  // All that follows is for the reactor's own thread.

  const Options& options() const { return options_; }
  // May be read on any thread.
  LoopCounts& counts() { return counts_; }
  Poller& poller() { return poller_; }
  TimerQueue& timers() { return timers_; }
  Resolver& resolver() { return resolver_; }

  // Has the connection flushed when everything of this wake-up has been processed. `mark` says
  // whether the connection is waiting for that already.
  void MarkDirty(Connection& connection, bool& mark);

  // Buffers that are used within one read or flush and shared by all connections.
  std::span<char> read_buffer() { return read_buffer_; }
  std::span<char> plaintext_buffer() { return plaintext_buffer_; }
  std::string& spare_output() { return spare_output_; }
  std::string& plaintext_output() { return plaintext_output_; }
  // Empty, for the header fields of one message.
  std::vector<nghttp2_nv>& fields() {
    fields_.clear();
    return fields_;
  }
  HeadUnpacker& unpacker() { return unpacker_; }
  RequestFields& request_fields() {
    request_fields_.Clear();
    return request_fields_;
  }

 protected:
  ~Reactor();

  // Waits, and does what there is to do once.
  void Turn();
  // Lets go of the connections that were to be flushed.
  void ForgetDirty() { dirty_.clear(); }

 private:
  SteadyTime Gather();  // since when there is something to do
  void FlushDirty();

  const Options& options_;
  LoopCounts counts_;
  Poller poller_;
  TimerQueue timers_;
  std::vector<std::shared_ptr<Connection>> dirty_;
  std::vector<std::shared_ptr<Connection>> flushing_;
  std::vector<char> read_buffer_;
  std::vector<char> plaintext_buffer_;
  std::string spare_output_;
  std::string plaintext_output_;
  std::vector<nghttp2_nv> fields_;
  RequestFields request_fields_;
  HeadUnpacker unpacker_;
  Resolver resolver_;  // the first to go: its thread posts here
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_REACTOR_H_
