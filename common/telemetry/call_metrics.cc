#include "common/telemetry/call_metrics.h"

namespace baliprocess::telemetry {
namespace {

// As Go's gRPC writes them.
constexpr std::array<const char*, kGrpcCodes> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

// Unknown, DeadlineExceeded, Internal, Unavailable, DataLoss: as deploy/monitoring/rules.yaml.
constexpr std::array<bool, kGrpcCodes> kIsFailure = {false, false, true,  false, true,  false,
                                                     false, false, false, false, false, false,
                                                     false, true,  true,  true,  false};

bool IsShown(const CallSums& calls, size_t code) {
  if (code == 0 || calls.handled[code] > 0) return true;
  return kIsFailure[code] && (calls.type == "unary" || calls.type == "client_stream");
}

Labels LabelsOf(const CallSums& calls) {
  return {
      {"grpc_type", calls.type}, {"grpc_service", calls.service}, {"grpc_method", calls.method}};
}

}  // namespace

const char* TypeOfCalls(bool client_streams, bool server_streams) {
  if (client_streams) return server_streams ? "bidi_stream" : "client_stream";
  return server_streams ? "server_stream" : "unary";
}

void AddCalls(const std::vector<CallSums>& methods, Families& families) {
  families.Counter("grpc_server_started_total", "Calls that have come.");
  for (const CallSums& method : methods) {
    families.Add(LabelsOf(method), static_cast<double>(method.started));
  }
  families.Counter("grpc_server_handled_total", "Calls that have ended, however.");
  for (const CallSums& method : methods) {
    for (size_t code = 0; code < kGrpcCodes; ++code) {
      if (!IsShown(method, code)) continue;
      Labels labels = LabelsOf(method);
      labels.emplace_back("grpc_code", kCodeNames[code]);
      families.Add(labels, static_cast<double>(method.handled[code]));
    }
  }
  families.Histogram("grpc_server_handling_seconds", "How long calls took that have ended.");
  for (const CallSums& method : methods) {
    if (method.started > 0) families.Add(LabelsOf(method), method.took);
  }
}

}  // namespace baliprocess::telemetry
