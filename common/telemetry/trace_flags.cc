#include "common/telemetry/trace_flags.h"

#include <errno.h>  // program_invocation_short_name

#include <string>
#include <utility>

#include "absl/flags/flag.h"

#include "common/base/config.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/telemetry/otlp_writer.h"

ABSL_FLAG(std::string, otlp_endpoint, "",
          "Where traces go, over OTLP/gRPC: http://host:port, in plaintext, or https://host:port. "
          "They hold methods, times, statuses and addresses of services, and nothing of callers. "
          "Empty: nowhere.");
ABSL_FLAG(std::string, otlp_ca, "",
          "PEM file of the authorities of the collector's certificate. Empty: the system's.");
ABSL_FLAG(double, trace_ratio, 0.01,
          "The share of the traces that begin here which are recorded, from 0 to 1.");

namespace baliprocess::telemetry {

std::string CollectorAuthorities() { return absl::GetFlag(FLAGS_otlp_ca); }

absl::StatusOr<std::unique_ptr<Tracer>> TracerFromFlags() {
  OtlpOptions options;
  options.endpoint = absl::GetFlag(FLAGS_otlp_endpoint);
  options.ca = absl::GetFlag(FLAGS_otlp_ca);
  const double ratio = absl::GetFlag(FLAGS_trace_ratio);
  if (!(ratio >= 0 && ratio <= 1)) {
    return absl::InvalidArgumentError("--trace_ratio must be a number from 0 to 1");
  }
  if (options.endpoint.empty()) return nullptr;
  options.service_name = program_invocation_short_name;
  options.service_version = std::string(Version());
  options.service_instance = NewUuid();
  ASSIGN_OR_RETURN(auto writer, OtlpWriter(options));
  return std::make_unique<Tracer>(TracerOptions{.ratio = ratio}, std::move(writer));
}

}  // namespace baliprocess::telemetry
