#include "common/rpc/health.h"

#include <utility>
#include <vector>

#include "common/base/errors.h"

namespace baliprocess::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::health::v1::HealthListRequest;
using grpc::health::v1::HealthListResponse;

// Tells a status when it differs from what was told last.
class Health::Watcher final : public StreamSource {
 public:
  Watcher(Health& health, std::string service, std::function<void()> wake)
      : health_(health), service_(std::move(service)) {
    std::lock_guard lock(health_.mutex_);
    health_.watchers_[this] = std::move(wake);
  }
  ~Watcher() override {
    std::lock_guard lock(health_.mutex_);
    health_.watchers_.erase(this);
  }

  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
    const HealthCheckResponse::ServingStatus now = health_.Status(service_);
    if (now == told_) return Next::kIdle;
    told_ = now;
    static_cast<HealthCheckResponse&>(reply).set_status(now);
    return Next::kMessage;
  }

 private:
  Health& health_;
  const std::string service_;
  HealthCheckResponse::ServingStatus told_ = HealthCheckResponse::UNKNOWN;
};

MethodTable Health::Table() {
  MethodTable table(HealthCheckRequest::descriptor()->file()->FindServiceByName("Health"));
  table.Unary<HealthCheckRequest, HealthCheckResponse>(
      "Check", Execution::kInline,
      [this](Call&, const HealthCheckRequest& request, HealthCheckResponse& reply) {
        if (!services_.contains(request.service())) return NotFound(request.service());
        reply.set_status(Status(request.service()));
        return absl::OkStatus();
      });
  table.Unary<HealthListRequest, HealthListResponse>(
      "List", Execution::kInline,
      [this](Call&, const HealthListRequest&, HealthListResponse& reply) {
        for (const std::string& service : services_) {
          (*reply.mutable_statuses())[service].set_status(Status(service));
        }
        return absl::OkStatus();
      });
  table.ServerStream<HealthCheckRequest>(
      "Watch",
      [this](const std::shared_ptr<Call>&, const HealthCheckRequest& request,
             std::function<void()> wake) -> absl::StatusOr<std::unique_ptr<StreamSource>> {
        return std::make_unique<Watcher>(*this, request.service(), std::move(wake));
      });
  return table;
}

void Health::Stop() {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  WakeWatchers(std::move(lock));
}

void Health::SetAnswering(bool answering) {
  std::unique_lock lock(mutex_);
  answering_ = answering;
  WakeWatchers(std::move(lock));
}

void Health::WakeWatchers(std::unique_lock<std::mutex> lock) {
  std::vector<std::function<void()>> wakes;
  for (const auto& [watcher, wake] : watchers_) wakes.push_back(wake);
  lock.unlock();
  for (const auto& wake : wakes) wake();
}

HealthCheckResponse::ServingStatus Health::Status(const std::string& service) {
  if (!services_.contains(service)) return HealthCheckResponse::SERVICE_UNKNOWN;
  std::lock_guard lock(mutex_);
  const bool serving = answering_ && !stopped_;
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace baliprocess::rpc
