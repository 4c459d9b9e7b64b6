#include "common/rpc/call_counters.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/telemetry/log.h"

namespace baliprocess::rpc {
namespace {

// How many ended with each code: `OK=12,NOT_FOUND=3`.
std::string CodesOf(const CallCounters::Counts& counts) {
  std::string text;
  for (size_t code = 0; code < counts.ended.size(); ++code) {
    if (counts.ended[code] == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ",",
                    absl::StatusCodeToString(static_cast<absl::StatusCode>(code)), "=",
                    counts.ended[code]);
  }
  return text;
}

}  // namespace

CallCounters::CallCounters(const std::vector<MethodTable>& tables) {
  cells_[nullptr] = std::make_unique<Cell>();
  for (const MethodTable& table : tables) {
    for (const auto& [method, entry] : table.entries()) cells_[method] = std::make_unique<Cell>();
  }
}

CallCounters::Cell& CallCounters::CellOf(const CallView& call) const {
  const auto found = cells_.find(call.call.method);
  return found != cells_.end() ? *found->second : *cells_.at(nullptr);
}

void CallCounters::OnBegin(const CallView& call) {
  if (call.housekeeping) return;
  ++in_flight_;
  ++CellOf(call).in_flight;
}

void CallCounters::OnEnd(const CallView& call, const CallEnd& end) {
  if (call.housekeeping) return;
  --in_flight_;
  Cell& cell = CellOf(call);
  --cell.in_flight;
  ++cell.ended[static_cast<size_t>(end.status.code()) % kCodes];
  cell.nanoseconds += absl::ToInt64Nanoseconds(end.took);
  cell.request_bytes += static_cast<int64_t>(end.request_bytes);
  cell.reply_bytes += static_cast<int64_t>(end.reply_bytes);
}

CallCounters::Counts CallCounters::Read(const std::string& method, const Cell& cell) {
  Counts counts;
  counts.method = method;
  std::copy(cell.ended.begin(), cell.ended.end(), counts.ended.begin());
  counts.in_flight = cell.in_flight;
  counts.took = absl::Nanoseconds(cell.nanoseconds.load());
  counts.request_bytes = cell.request_bytes;
  counts.reply_bytes = cell.reply_bytes;
  return counts;
}

std::vector<CallCounters::Counts> CallCounters::Get() const {
  std::vector<Counts> all;
  for (const auto& [method, cell] : cells_) {
    all.push_back(Read(method == nullptr ? "" : PathOf(*method), *cell));
  }
  std::sort(all.begin(), all.end(),
            [](const Counts& a, const Counts& b) { return a.method < b.method; });
  return all;
}

void CallCounters::SayCounts() const {
  for (const Counts& counts : Get()) {
    const int64_t calls = std::accumulate(counts.ended.begin(), counts.ended.end(), int64_t{0});
    if (calls == 0) continue;
    telemetry::Log(telemetry::Level::kInfo, "calls", "what was asked")
        .Field("method", std::string_view(counts.method))
        .Field("calls", calls)
        .Field("codes", std::string_view(CodesOf(counts)))
        .Field("duration_us", absl::ToInt64Microseconds(counts.took / calls))
        .Field("request_bytes", counts.request_bytes)
        .Field("reply_bytes", counts.reply_bytes);
  }
}

}  // namespace baliprocess::rpc
