#include "common/rpc/calls_in_flight.h"

#include <grpcpp/server_context.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"

#include "common/telemetry/trace.h"

namespace baliprocess::rpc {
namespace {

// gRPC's `ipv4:192.0.2.1:50` and `ipv6:%5B2001:db8::1%5D:50` as everywhere else.
std::string AddressIn(const std::string& peer) {
  const size_t colon = peer.find(':');
  const bool is_ip = colon != std::string::npos && peer.compare(0, 3, "ipv") == 0;
  if (!is_ip) return peer;
  return absl::StrReplaceAll(peer.substr(colon + 1), {{"%5B", "["}, {"%5D", "]"}});
}

}  // namespace

CallsInFlight::Part& CallsInFlight::PartOf(const CallView& call) {
  // Calls are apart by more than this.
  constexpr uintptr_t kApart = 256;
  return parts_[reinterpret_cast<uintptr_t>(&call.call) / kApart % parts_.size()];
}

void CallsInFlight::OnBegin(const CallView& call) {
  if (call.housekeeping) return;
  Part& part = PartOf(call);
  const std::lock_guard<std::mutex> lock(part.mutex);
  part.calls[&call.call] = {call.call.method == nullptr ? "unknown" : call.method, &call.context,
                            call.call.traceparent, SteadyNow(), ""};
}

absl::Status CallsInFlight::OnBody(const CallView& call) {
  if (call.housekeeping) return absl::OkStatus();
  Part& part = PartOf(call);
  const std::lock_guard<std::mutex> lock(part.mutex);
  const auto found = part.calls.find(&call.call);
  if (found != part.calls.end()) found->second.subject = call.call.caller.subject;
  return absl::OkStatus();
}

void CallsInFlight::OnEnd(const CallView& call, const CallEnd& /*end*/) {
  if (call.housekeeping) return;
  Part& part = PartOf(call);
  const std::lock_guard<std::mutex> lock(part.mutex);
  part.calls.erase(&call.call);
}

void CallsInFlight::AddCalls(size_t most, absl::Duration /*patience*/,
                             telemetry::CallListing& listing) const {
  std::vector<telemetry::CallDescription> all;
  for (const Part& part : parts_) {
    const std::lock_guard<std::mutex> lock(part.mutex);
    listing.in_flight += part.calls.size();
    for (const auto& [call, entry] : part.calls) {
      all.push_back({std::string(entry.method), entry.subject, AddressIn(entry.context->peer()), "",
                     std::string(telemetry::TraceIdOf(entry.traceparent)), Since(entry.begun)});
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.age > b.age; });
  if (all.size() > most) all.resize(most);
  std::move(all.begin(), all.end(), std::back_inserter(listing.calls));
}

}  // namespace baliprocess::rpc
