// Spans to a collector of OpenTelemetry, over OTLP/gRPC (opentelemetry-proto, collector/trace/v1),
// by the semantic conventions for RPC.

#ifndef BALIPROCESS_COMMON_TELEMETRY_OTLP_WRITER_H_
#define BALIPROCESS_COMMON_TELEMETRY_OTLP_WRITER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "common/telemetry/tracer.h"

namespace baliprocess::telemetry {

struct OtlpOptions {
  // `http://host:port` for plaintext, `https://host:port` for TLS.
  std::string endpoint;
  // PEM file of the authorities that the collector's certificate must come from. Empty: the
  // system's.
  std::string ca;
  // What is told of the process (service.name, service.version, service.instance.id).
  std::string service_name;
  std::string service_version;
  std::string service_instance;
};

// Connects when the first spans are written. INVALID_ARGUMENT for an endpoint of another form, or a
// file that can't be read.
absl::StatusOr<std::unique_ptr<SpanWriter>> OtlpWriter(const OtlpOptions& options);

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_OTLP_WRITER_H_
