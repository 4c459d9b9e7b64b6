#include "common/testing/collector.h"

#include <chrono>

namespace baliprocess::testing {
namespace {

namespace otlp = opentelemetry::proto;

template <typename Attributes>
std::map<std::string, std::string> Read(const Attributes& attributes) {
  std::map<std::string, std::string> map;
  for (const auto& attribute : attributes) {
    const auto& value = attribute.value();
    map[attribute.key()] =
        value.has_int_value() ? std::to_string(value.int_value()) : value.string_value();
  }
  return map;
}

}  // namespace

Collector::Collector(bool silent) : silent_(silent) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

Collector::~Collector() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  server_->Shutdown(std::chrono::system_clock::now());
}

std::string Collector::endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::vector<CollectedSpan> Collector::WaitFor(
    const std::function<bool(const std::vector<CollectedSpan>&)>& condition) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(30), [&] { return condition(spans_); });
  return spans_;
}

int Collector::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

grpc::Status Collector::Export(grpc::ServerContext* context,
                               const otlp::collector::trace::v1::ExportTraceServiceRequest* request,
                               otlp::collector::trace::v1::ExportTraceServiceResponse*) {
  std::unique_lock lock(mutex_);
  ++calls_;
  changed_.notify_all();
  while (silent_ && !ending_ && !context->IsCancelled()) {
    changed_.wait_for(lock, std::chrono::milliseconds(10));
  }
  if (silent_) return grpc::Status::CANCELLED;
  for (const auto& ours : request->resource_spans()) {
    for (const auto& scoped : ours.scope_spans()) {
      for (const auto& span : scoped.spans()) {
        spans_.push_back({span, Read(ours.resource().attributes()), Read(span.attributes())});
      }
    }
  }
  changed_.notify_all();
  return grpc::Status::OK;
}

}  // namespace baliprocess::testing
