// An address of a service as it was configured, and the addresses that it stands for: a name may
// have several, and others tomorrow.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_TARGET_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_TARGET_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/telemetry/state_log.h"
#include "services/gateway/net/address.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/net/timer.h"
#include "services/gateway/upstream/shared_logs.h"

namespace baliprocess::gateway {

// Where to connect to.
struct EndpointAddress {
  std::string text;  // as ToText of net/address.h
  std::string host;  // as configured: the name that certificates are for
  SocketAddress socket;
};

class Target {
 public:
  // `text` has passed CheckAddress. `changed` is called when `addresses` are others than before, or
  // a look-up has failed. `logs` must outlive the target.
  Target(Reactor& reactor, std::string_view text, std::function<void()> changed, SharedLogs& logs);

  // Names are looked up now, and then each Options::upstream.resolve_interval.
  void Start();

  // Has a name looked up again soon: one of its addresses can't be connected to.
  void Hurry();

  // The addresses that are known. Those of a name that is no longer known stay as they were.
  const std::vector<EndpointAddress>& addresses() const { return addresses_; }

  // The first look-up is under way.
  bool pending() const { return lookups_ == 0; }

 private:
  void LookUp();
  void OnAnswer(std::vector<SocketAddress> found);

  Reactor& reactor_;
  const std::function<void()> changed_;
  HostPort name_;
  std::vector<EndpointAddress> addresses_;
  int lookups_ = 0;  // that have ended
  bool is_name_ = false;
  bool asking_ = false;
  SteadyTime asked_;
  FunctionTimer again_;
  std::shared_ptr<telemetry::StateLog> known_;  // null: it isn't a name
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_TARGET_H_
