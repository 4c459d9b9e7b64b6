#include "common/telemetry/grpc_log.h"

#include <grpc/support/log.h>

#include "common/telemetry/log.h"

namespace baliprocess::telemetry {
namespace {

void LogOfGrpc(gpr_log_func_args* line) {
  Log(line->severity == GPR_LOG_SEVERITY_ERROR ? Level::kWarn : Level::kDebug, "grpc",
      line->message);
}

}  // namespace

GrpcLog::GrpcLog() { gpr_set_log_function(LogOfGrpc); }
GrpcLog::~GrpcLog() { gpr_set_log_function(nullptr); }

}  // namespace baliprocess::telemetry
