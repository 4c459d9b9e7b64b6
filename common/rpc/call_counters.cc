#include "common/rpc/call_counters.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
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
  CellOf(call).started.Add();
}

void CallCounters::OnEnd(const CallView& call, const CallEnd& end) {
  if (call.housekeeping) return;
  --in_flight_;
  Cell& cell = CellOf(call);
  ++cell.ended[static_cast<size_t>(end.status.code()) % kCodes];
  if (!end.status.ok()) refused_[static_cast<size_t>(ReasonOf(end.status))].Add();
  cell.took.Add(end.took);
  cell.request_bytes += static_cast<int64_t>(end.request_bytes);
  cell.reply_bytes += static_cast<int64_t>(end.reply_bytes);
}

CallCounters::Counts CallCounters::Read(const std::string& method, const Cell& cell) {
  Counts counts;
  counts.method = method;
  std::copy(cell.ended.begin(), cell.ended.end(), counts.ended.begin());
  counts.in_flight = static_cast<int64_t>(cell.started.get()) -
                     std::accumulate(counts.ended.begin(), counts.ended.end(), int64_t{0});
  counts.took = absl::Seconds(cell.took.sum());
  counts.request_bytes = cell.request_bytes;
  counts.reply_bytes = cell.reply_bytes;
  return counts;
}

telemetry::CallSums CallCounters::SumsOf(const google::protobuf::MethodDescriptor* method,
                                         const Cell& cell) {
  telemetry::CallSums sums;
  if (method != nullptr) {
    sums.type = telemetry::TypeOfCalls(method->client_streaming(), method->server_streaming());
    sums.service = method->service()->full_name();
    sums.method = method->name();
  }
  for (size_t code = 0; code < kCodes; ++code) {
    sums.handled[code] = static_cast<uint64_t>(cell.ended[code].load());
  }
  sums.started = cell.started.get();  // last: nothing has ended that hasn't started
  sums.took.Add(cell.took);
  return sums;
}

void CallCounters::AddMetrics(telemetry::Families& families) const {
  std::map<std::string, telemetry::CallSums> by_path;  // in one order, whenever it is asked
  int64_t received = 0;
  int64_t sent = 0;
  for (const auto& [method, cell] : cells_) {
    by_path[method == nullptr ? "" : PathOf(*method)] = SumsOf(method, *cell);
    received += cell->request_bytes;
    sent += cell->reply_bytes;
  }
  std::vector<telemetry::CallSums> sums;
  for (auto& [path, one] : by_path) sums.push_back(std::move(one));
  telemetry::AddCalls(sums, families);
  AddRefusals(families);
  families.Counter("bali_call_bytes_total", "Bytes of messages of calls that ended.");
  families.Add({{"direction", "received"}}, static_cast<double>(received));
  families.Add({{"direction", "sent"}}, static_cast<double>(sent));
}

void CallCounters::AddRefusals(telemetry::Families& families) const {
  families.Counter("bali_refusals_total",
                   "Calls that ended with an error, by api.v1.Error.Reason: RULE_BROKEN, "
                   "OVERLOADED, ...");
  for (int reason = 1; reason < api::v1::Error::Reason_ARRAYSIZE; ++reason) {
    if (!api::v1::Error::Reason_IsValid(reason)) continue;
    families.Add({{"reason", api::v1::Error::Reason_Name(static_cast<ErrorReason>(reason))}},
                 static_cast<double>(refused_[static_cast<size_t>(reason)].get()));
  }
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
