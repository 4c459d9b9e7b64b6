// What a thread waits for: sockets that become ready (epoll), functions that other threads post,
// and a time.
//
// A socket is registered once, for everything and edge-triggered: that takes no further system
// call, but tells of news only. So who is told reads until a read comes back short, or asks for
// another turn; and writes until a write comes back short.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_POLLER_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_POLLER_H_

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "services/gateway/net/timer.h"
#include "services/gateway/net/unique_fd.h"

namespace baliprocess::gateway {

// Who owns a registered socket.
class PollHandler {
 public:
  // `events` are epoll(7)'s. May close sockets, and destroy handlers that were forgotten.
  virtual void OnReady(uint32_t events) = 0;

 protected:
  ~PollHandler() = default;

 private:
  friend class Poller;
  bool again_ = false;
};

class Poller : private PollHandler {
 public:
  Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // False, with errno, when the system had no descriptors for it: then it is of no use.
  bool usable() const { return usable_; }

  // False, with errno, when the system won't. Ends when the socket is closed.
  bool Add(int fd, PollHandler& handler);
  // To be called when the socket is closed: what has become known of it already isn't told.
  void Forget(PollHandler& handler);

  // The socket lives on, elsewhere, and is of no concern to the handler any more.
  void Remove(int fd, PollHandler& handler);

  // Gives another OnReady(EPOLLIN) in the next turn: for who leaves off so that others get theirs.
  void Again(PollHandler& handler);

  // Has the function run by a later turn. From any thread.
  void Post(std::function<void()> function);

  // Waits until there is something to tell, or the time has come, and tells everybody once. Whether
  // there was something. `woken` is set to when the wait was over.
  bool Turn(SteadyTime until, SteadyTime* woken = nullptr);

 private:
  bool Register(int fd, PollHandler& handler, uint32_t events);
  void OnReady(uint32_t events) override;  // runs what was posted

  UniqueFd epoll_;
  UniqueFd wakeup_;  // an eventfd
  bool usable_;
  std::vector<epoll_event> ready_;  // in this turn
  size_t next_ = 0;                 // of ready_, to be told
  std::vector<PollHandler*> again_;

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_POLLER_H_
