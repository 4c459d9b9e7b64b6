// A service as one event loop sees it: connections to its addresses, and calls that wait for one.

#ifndef BALIPROCESS_SERVICES_GATEWAY_BACKEND_H_
#define BALIPROCESS_SERVICES_GATEWAY_BACKEND_H_

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/time/time.h"

#include "services/gateway/call.h"
#include "services/gateway/options.h"
#include "services/gateway/timer.h"

namespace baliprocess::gateway {

class EventLoop;
class Upstream;

class Backend {
 public:
  Backend(EventLoop& loop, const ServiceAddresses& service);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  // Connects, and connects again what is lost, with growing delays.
  void Start();
  // Ends all connections and refuses what waits.
  void Stop();

  // Sends the call on, now or as soon as a connection is ready. The call gives up by itself.
  void Submit(Call& call);

  bool ready() const;

  // What connections report.
  void OnReady(Upstream& connection);
  void OnGoingAway(Upstream& connection);  // takes no new calls; those it has finish
  void OnLost(Upstream& connection);

 private:
  // A place for a connection to one of the addresses.
  struct Slot {
    std::string address;
    std::shared_ptr<Upstream> connection;
    absl::Duration delay;
    std::unique_ptr<FunctionTimer> reconnect;
  };

  void Connect(Slot& slot);
  void ConnectLater(Slot& slot);
  Slot* SlotOf(const Upstream& connection);
  Upstream* Pick();

  EventLoop& loop_;
  const size_t address_count_;
  std::vector<Slot> slots_;  // slot i is of address i modulo their number
  std::unordered_set<std::shared_ptr<Upstream>> leaving_;
  Call::WaitingList waiting_;
  size_t next_address_ = 0;
  bool stopped_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_BACKEND_H_
