// The flags that decide on traces: --otlp_endpoint, --otlp_ca, --trace_ratio.

#ifndef BALIPROCESS_COMMON_TELEMETRY_TRACE_FLAGS_H_
#define BALIPROCESS_COMMON_TELEMETRY_TRACE_FLAGS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "common/telemetry/tracer.h"

namespace baliprocess::telemetry {

// Null when no collector is given. Its spans come from the service that is called as the program's
// file is, such as `gateway`, and from an instance that has a new UUID.
absl::StatusOr<std::unique_ptr<Tracer>> TracerFromFlags();

// The file of --otlp_ca; empty: none.
std::string CollectorAuthorities();

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_TRACE_FLAGS_H_
