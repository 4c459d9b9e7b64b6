// Tells the service manager how the process is, as systemd wants it of units with `Type=notify`
// (sd_notify(3)); without libsystemd.

#ifndef BALIPROCESS_COMMON_TELEMETRY_SERVICE_MANAGER_H_
#define BALIPROCESS_COMMON_TELEMETRY_SERVICE_MANAGER_H_

#include <string_view>

#include "absl/status/status.h"

namespace baliprocess::telemetry {

// Sends `state`, lines such as `READY=1`, to the socket that the environment variable NOTIFY_SOCKET
// names: a path, or an abstract name behind `@`. Sends nothing where the variable isn't set: nobody
// waits then. INVALID_ARGUMENT for what can't be a socket's name, UNAVAILABLE when nobody takes it.
absl::Status TellServiceManager(std::string_view state);

// The same for what people are to read of it (`systemctl status`), as one line.
absl::Status TellServiceManagerOfStatus(std::string_view text);

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_SERVICE_MANAGER_H_
