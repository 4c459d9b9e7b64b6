// The flags that all services have in common. Linked into programs that call these functions.

#ifndef BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_
#define BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/token.h"
#include "common/rpc/server.h"

namespace baliprocess::rpc {

// --listen, --tls_*, --allow_plaintext, limits, --reflection.
ServerOptions ServerOptionsFromFlags();

// --jwks, --token_*, --roles_claim, --member_claim. Reads the keys.
absl::StatusOr<std::shared_ptr<auth::TokenVerifier>> VerifierFromFlags();

// --drain_deadline.
absl::Duration DrainDeadlineFromFlags();

// --port_file; empty when none.
std::string PortFileFromFlags();

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_SERVER_FLAGS_H_
