#include "services/gateway/operate/gateway_view.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/operate/metrics.h"

namespace baliprocess::gateway {
namespace {

bool IsUsable(const std::vector<EndpointSnapshot>& endpoints, const std::string& service) {
  return std::any_of(endpoints.begin(), endpoints.end(), [&](const EndpointSnapshot& endpoint) {
    return endpoint.service == service && endpoint.state == EndpointState::kUsable;
  });
}

}  // namespace

void GatewayView::AddMetrics(telemetry::Families& families) const {
  AddGatewayMetrics(gateway_, families);
}

void GatewayView::AddReadiness(telemetry::Readiness& readiness) const {
  readiness.draining = readiness.draining || gateway_.draining();
  const std::vector<std::string> services = gateway_.services();
  for (size_t i = 0; i < services.size(); ++i) {
    const std::string& service = services[i];
    bool usable = true;
    for (size_t loop = 0; loop < gateway_.loops(); ++loop) {
      usable = usable && IsUsable(gateway_.endpoints(loop), service);
    }
    readiness.needs[service] = {.trouble = usable ? "" : "no healthy address",
                                .elsewhere = IsElsewhere(i)};
  }
}

bool GatewayView::IsElsewhere(size_t service) const {
  if (gateway_.reached(service)) return true;
  if (Since(start_) < patience_) return false;
  const size_t services = gateway_.services().size();
  for (size_t i = 0; i < services; ++i) {
    if (gateway_.reached(i)) return true;
  }
  return false;
}

void GatewayView::AddCalls(size_t most, absl::Duration patience,
                           telemetry::CallListing& listing) const {
  telemetry::CallListing mine = gateway_.calls(most, patience);
  std::move(mine.calls.begin(), mine.calls.end(), std::back_inserter(listing.calls));
  listing.in_flight += mine.in_flight;
  listing.silent_loops += mine.silent_loops;
}

}  // namespace baliprocess::gateway
