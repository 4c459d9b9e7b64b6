// The socket that clients connect to.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_LISTENER_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_LISTENER_H_

#include <string>

#include "absl/status/statusor.h"

#include "services/gateway/net/address.h"
#include "services/gateway/net/unique_fd.h"

namespace baliprocess::gateway {

struct Listener {
  UniqueFd socket;
  SocketAddress address;  // that it is bound to
};

// Binds to `host:port`, or takes over what is at `fd:3`: a descriptor that the process has
// inherited from who runs it. That socket lives on with them when this process ends, and what
// connects meanwhile waits in it. An error names the address when it can't be had.
absl::StatusOr<Listener> OpenListener(const std::string& address);

// Where that would be, as host:port; for `fd:3` where the socket is bound.
absl::StatusOr<std::string> ListeningAt(const std::string& address);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_LISTENER_H_
