// What goes wrong between balictl and a server, in words that help.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_CONNECTION_ERRORS_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_CONNECTION_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::balictl {

// The address as gRPC takes it: `https://` in front and a slash at the end are left away. A usage
// error without a port, or with `http://`.
absl::StatusOr<std::string> ServerAddress(const std::string& server);

// The error of a call that got no answer of the server: with what was tried, and what may help,
// such as `--ca`. Errors that the server tells itself stay as they are.
absl::Status Explained(const absl::Status& status, const std::string& server,
                       absl::Duration timeout);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_CONNECTION_ERRORS_H_
