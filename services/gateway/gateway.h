// The gateway: listens, and runs its event loops on threads of its own. Tests construct it as
// main does.

#ifndef BALIPROCESS_SERVICES_GATEWAY_GATEWAY_H_
#define BALIPROCESS_SERVICES_GATEWAY_GATEWAY_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/access.h"
#include "common/auth/token.h"
#include "services/gateway/settings/options.h"
#include "services/gateway/upstream/endpoint_stats.h"

namespace baliprocess::gateway {

class Gateway {
 public:
  // Checks the options, binds and serves. `policy` and `verifier` must outlive the gateway.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(Options options,
                                                        const auth::AccessPolicy& policy,
                                                        auth::TokenVerifier& verifier);
  virtual ~Gateway() = default;  // ends calls and connections at once

  // Where it listens: of use when the options said port 0.
  virtual int port() const = 0;

  // What each event loop knows of each address of a service. From any thread.
  virtual std::vector<EndpointSnapshot> Endpoints() const = 0;

  // Reads the files of TLS and the keys of tokens anew, soon; what is bad leaves the old in use.
  // They are read anew by themselves when they change.
  virtual void Reload() = 0;

  // Tells balancers by health and readiness that calls had better go elsewhere. Those that come are
  // taken as before.
  virtual void AnnounceDrain() = 0;

  // Stops to accept, tells clients to go elsewhere, ends their streams with TEMPORARILY_UNAVAILABLE
  // and waits until their unary calls have finished, at most this long; those that are left when
  // the gateway ends are told UNAVAILABLE.
  virtual void Drain(absl::Duration deadline) = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_GATEWAY_H_
