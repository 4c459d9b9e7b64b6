#include "services/gateway/calls/waiting_room.h"

#include "common/base/steady_time.h"
#include "common/telemetry/log.h"

namespace baliprocess::gateway {
namespace {

// Lines of one kind about one service.
LogQuota OneInTenSeconds() { return {1, 0.1, SteadyNow()}; }

}  // namespace

WaitingRoom::WaitingRoom(std::string service, int64_t most_calls, int64_t most_bytes)
    : service_(std::move(service)),
      most_calls_(most_calls),
      most_bytes_(most_bytes),
      waits_({.component = "gateway",
              .lost = "calls wait for a service",
              .back = "calls wait for a service no longer",
              .service = service_}),
      full_(OneInTenSeconds()),
      given_up_(OneInTenSeconds()) {}

WaitingRoom::Place WaitingRoom::Enter(int64_t bytes) {
  const bool has_room = calls_.fetch_add(1) < most_calls_;
  if (bytes_.fetch_add(bytes) + bytes <= most_bytes_ && has_room) {
    entered_.Add();
    waits_.Fails("none of its addresses can be connected to");
    return {*this, bytes};
  }
  Leave(bytes);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (full_.Take(SteadyNow())) {
    telemetry::Log(telemetry::Level::kWarn, "gateway",
                   "calls don't wait for a service, and are refused: too many wait already")
        .Field("service", service_)
        .Field("lines", full_.TakeLeftOut() + 1);
  }
  return {};
}

void WaitingRoom::Leave(int64_t bytes) {
  calls_.fetch_sub(1);
  bytes_.fetch_sub(bytes);
}

void WaitingRoom::OnGivenUp(size_t calls) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!given_up_.Take(SteadyNow())) return;
  telemetry::Log(telemetry::Level::kWarn, "gateway",
                 "calls have waited for a service in vain, and are refused until it is back")
      .Field("service", service_)
      .Field("calls", calls);
}

}  // namespace baliprocess::gateway
