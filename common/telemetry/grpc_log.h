// What gRPC logs itself, among the lines of ours.

#ifndef BALIPROCESS_COMMON_TELEMETRY_GRPC_LOG_H_
#define BALIPROCESS_COMMON_TELEMETRY_GRPC_LOG_H_

namespace baliprocess::telemetry {

// From now on. What the library has to say is seldom worth more than a warning: mostly it is a
// peer's fault.
void LogGrpcAsOurs();
// As it was before. To be called before logging ends.
void LogGrpcApart();

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_GRPC_LOG_H_
