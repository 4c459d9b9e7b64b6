// The flags that all services have in common. Linked into programs that call these functions.

#ifndef BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_
#define BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_

#include "absl/time/time.h"

#include "common/rpc/server.h"

namespace baliprocess::rpc {

// --listen, --tls_*, --allow_plaintext, limits, --reflection.
ServerOptions ServerOptionsFromFlags();

// --drain_deadline.
absl::Duration DrainDeadlineFromFlags();

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_
