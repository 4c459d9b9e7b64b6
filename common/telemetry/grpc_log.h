// What gRPC logs itself, among the lines of ours.

#ifndef BALIPROCESS_COMMON_TELEMETRY_GRPC_LOG_H_
#define BALIPROCESS_COMMON_TELEMETRY_GRPC_LOG_H_

namespace baliprocess::telemetry {

// While this object lives, which must not be longer than Logging does: the library has threads of
// its own. What it has to say is seldom worth more than a warning: mostly it is a peer's fault.
class GrpcLog {
 public:
  GrpcLog();
  ~GrpcLog();
  GrpcLog(const GrpcLog&) = delete;
  GrpcLog& operator=(const GrpcLog&) = delete;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_GRPC_LOG_H_
