// TLS from files, for servers and for channels to peers.

#ifndef BALIPROCESS_COMMON_RPC_TLS_H_
#define BALIPROCESS_COMMON_RPC_TLS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "common/base/tls_files.h"
#include "common/telemetry/file_follower.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace baliprocess::rpc {

// Plaintext when `files` is empty. With `ca`, clients must present a certificate. `follower` reads
// the files anew when they change, as `certificate`: new connections see it. What can't be used
// leaves in use what was read before. They must outlive the server, and the follower.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const TlsFiles& files, telemetry::FileFollower& follower);

// Plaintext when `files` is empty. With `cert`, it is presented when the server asks.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(const TlsFiles& files);

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_TLS_H_
