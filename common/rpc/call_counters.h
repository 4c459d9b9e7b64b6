// What a server was asked, as numbers.

#ifndef BALIPROCESS_COMMON_RPC_CALL_COUNTERS_H_
#define BALIPROCESS_COMMON_RPC_CALL_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "baliprocess/api/v1/errors.pb.h"
#include "common/base/counts.h"
#include "common/rpc/call_layer.h"
#include "common/telemetry/call_metrics.h"
#include "common/telemetry/operators.h"

namespace baliprocess::rpc {

// Counts the calls of each method, but for housekeeping. Calls take no lock.
class CallCounters final : public CallLayer, public telemetry::Inspected {
 public:
  // Counts the methods of `tables` each by itself, and calls of methods that aren't there together.
  explicit CallCounters(const std::vector<MethodTable>& tables);

  static constexpr size_t kCodes = 17;  // of absl::StatusCode: OK is 0, UNAUTHENTICATED 16

  struct Counts {
    std::string method;  // `/package.Service/Method`; empty for those that aren't there
    std::array<int64_t, kCodes> ended{};  // by code
    int64_t in_flight = 0;                // begun and not ended
    absl::Duration took;                  // of those that ended, together
    int64_t request_bytes = 0;
    int64_t reply_bytes = 0;
  };
  // Of all methods, by name.
  std::vector<Counts> Get() const;

  // Over all methods, streams among them.
  int64_t in_flight() const { return in_flight_; }

  // telemetry/call_metrics.h; by which reasons calls were refused; bytes.
  void AddMetrics(telemetry::Families& families) const override;

  // Logs the counts of each method that was called, at the end of the process.
  void SayCounts() const;

  void OnBegin(const CallView& call) override;
  void OnEnd(const CallView& call, const CallEnd& end) override;

 private:
  // Of one method. Each only grows.
  struct Cell {
    SharedCount started;
    std::array<std::atomic<int64_t>, kCodes> ended{};
    SharedDurations took;
    std::atomic<int64_t> request_bytes = 0;
    std::atomic<int64_t> reply_bytes = 0;
  };
  Cell& CellOf(const CallView& call) const;
  void AddRefusals(telemetry::Families& families) const;
  static telemetry::CallSums SumsOf(const google::protobuf::MethodDescriptor* method,
                                    const Cell& cell);
  static Counts Read(const std::string& method, const Cell& cell);

  // As many as there are methods, and one of nullptr, for good.
  std::unordered_map<const google::protobuf::MethodDescriptor*, std::unique_ptr<Cell>> cells_;
  std::atomic<int64_t> in_flight_ = 0;
  std::array<SharedCount, api::v1::Error::Reason_ARRAYSIZE> refused_;  // by reason
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_CALL_COUNTERS_H_
