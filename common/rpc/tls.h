// TLS from files, for servers and for channels to peers.

#ifndef BALIPROCESS_COMMON_RPC_TLS_H_
#define BALIPROCESS_COMMON_RPC_TLS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "common/base/tls_files.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace baliprocess::rpc {

// Plaintext when `files` is empty. With `ca`, clients must present a certificate. The files are
// read anew for each new connection; what can't be used then leaves in use what was read before.
// Must outlive the server.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(const TlsFiles& files);

// Plaintext when `files` is empty. With `cert`, it is presented when the server asks.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(const TlsFiles& files);

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_TLS_H_
