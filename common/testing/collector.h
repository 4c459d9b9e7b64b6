// A collector of traces for tests: takes what comes over OTLP/gRPC, on a free port of loopback.

#ifndef BALIPROCESS_COMMON_TESTING_COLLECTOR_H_
#define BALIPROCESS_COMMON_TESTING_COLLECTOR_H_

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

namespace baliprocess::testing {

// A place in a trace, as callers tell it: recorded, and not; and as collectors get its ids.
inline constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";
inline constexpr char kRecorded[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
inline constexpr char kUnrecorded[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
inline constexpr char kTraceBytes[] =
    "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c";
inline constexpr char kSpanBytes[] = "\xb7\xad\x6b\x71\x69\x20\x33\x31";

// A span as it was received.
struct CollectedSpan {
  opentelemetry::proto::trace::v1::Span span;
  std::map<std::string, std::string> resource;    // its attributes; numbers as text
  std::map<std::string, std::string> attributes;  // likewise, of the span
};

class Collector final : public opentelemetry::proto::collector::trace::v1::TraceService::Service {
 public:
  // `silent`: takes calls and never answers them.
  explicit Collector(bool silent = false);
  ~Collector() override;

  // Where it is, as --otlp_endpoint takes it.
  std::string endpoint() const;

  // What has come, as soon as the condition holds for it, or half a minute has passed.
  std::vector<CollectedSpan> WaitFor(
      const std::function<bool(const std::vector<CollectedSpan>&)>& condition);
  std::vector<CollectedSpan> WaitFor(size_t count) {
    return WaitFor([count](const auto& spans) { return spans.size() >= count; });
  }

  // How often it was called.
  int calls();

 private:
  grpc::Status Export(
      grpc::ServerContext* context,
      const opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest* request,
      opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse* response) override;

  const bool silent_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CollectedSpan> spans_;
  int calls_ = 0;
  bool ending_ = false;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_COMMON_TESTING_COLLECTOR_H_
