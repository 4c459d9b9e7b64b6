// The flags that all services have in common. Linked into programs that call this.

#ifndef BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_
#define BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_

#include "common/rpc/server.h"

namespace baliprocess::rpc {

// --listen, --tls_*, --allow_plaintext, limits, --reflection.
ServerOptions ServerOptionsFromFlags();

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_
