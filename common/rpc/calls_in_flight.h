// The calls that a server works on, for whoever wants to see what it does.

#ifndef BALIPROCESS_COMMON_RPC_CALLS_IN_FLIGHT_H_
#define BALIPROCESS_COMMON_RPC_CALLS_IN_FLIGHT_H_

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/steady_time.h"
#include "common/rpc/call_layer.h"
#include "common/telemetry/operators.h"

namespace baliprocess::rpc {

// Streams among them; health isn't.
class CallsInFlight final : public CallLayer, public telemetry::Inspected {
 public:
  void OnBegin(const CallView& call) override;
  absl::Status OnBody(const CallView& call) override;
  void OnEnd(const CallView& call, const CallEnd& end) override;

  void AddCalls(size_t most, absl::Duration patience,
                telemetry::CallListing& listing) const override;

 private:
  struct Entry {
    std::string_view method;
    const grpc::ServerContextBase* context;  // lives until the call ends
    std::string traceparent;
    SteadyTime begun;
    std::string subject;
  };
  // Calls don't wait for each other's lock.
  struct Part {
    mutable std::mutex mutex;
    std::unordered_map<const Call*, Entry> calls;
  };
  Part& PartOf(const CallView& call);

  std::array<Part, 16> parts_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_CALLS_IN_FLIGHT_H_
