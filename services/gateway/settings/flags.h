// The gateway's settings as flags.

#ifndef BALIPROCESS_SERVICES_GATEWAY_SETTINGS_FLAGS_H_
#define BALIPROCESS_SERVICES_GATEWAY_SETTINGS_FLAGS_H_

#include "absl/status/statusor.h"

#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// Every flag but those of tokens, logs and the drain.
absl::StatusOr<Options> OptionsFromFlags();

// Reads `membership=host:port+host:port,meetings=host:port`.
absl::StatusOr<std::vector<ServiceAddresses>> ParseUpstreams(const std::string& text);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SETTINGS_FLAGS_H_
