#include "common/resource/program/store_log.h"

#include <utility>

#include "absl/time/clock.h"

#include "common/base/text.h"
#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

constexpr size_t kLongestSql = 300;  // in bytes

bool IsFailure(const absl::Status& status) {
  const storage::ErrorClass error = storage::ClassOf(status);
  return !status.ok() && error != storage::ErrorClass::kConflict &&
         error != storage::ErrorClass::kUnique;
}

}  // namespace

void StoreLog::StatementEnded(std::string_view sql, absl::Duration took,
                              const absl::Status& status) {
  counters_.StatementEnded(sql, took, status);
  const bool failed = IsFailure(status);
  if (!failed && took < slow_) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::Time now = absl::Now();
  if (now < next_line_) {
    ++unsaid_;
    return;
  }
  next_line_ = now + absl::Seconds(1);
  telemetry::Log(failed ? telemetry::Level::kError : telemetry::Level::kWarn, "storage",
                 failed ? "a statement failed" : "a statement was slow")
      .Field("sql", Cut(sql, kLongestSql))
      .Field("duration_us", absl::ToInt64Microseconds(took))
      .Field("error", failed ? std::string_view(status.message().data(), status.message().size())
                             : std::string_view())
      .Field("lines", std::exchange(unsaid_, 0));
}

void StoreLog::SayCounts() const {
  const storage::StoreCounters::Counts counts = counters_.Get();
  telemetry::Log(telemetry::Level::kInfo, "storage", "what the store did")
      .Field("reads", counts.reads)
      .Field("writes", counts.writes)
      .Field("statements", counts.statements)
      .Field("failed_statements", counts.failed_statements)
      .Field("failed_transactions", counts.failed_transactions)
      .Field("failed_listens", counts.failed_listens);
}

void StoreLog::TransactionEnded(bool write, absl::Duration took, const absl::Status& status) {
  counters_.TransactionEnded(write, took, status);
}

void StoreLog::Dropped(const absl::Status& why) const {
  numbers_->dropped_hosts.Add();
  telemetry::Log(telemetry::Level::kError, "storage",
                 "a host of the store doesn't answer: its connections are dropped")
      .Field("error", std::string_view(why.message().data(), why.message().size()));
}

void StoreLog::Listened(const absl::Status& status) {
  counters_.Listened(status);
  numbers_->listening = status.ok();
  if (status.ok()) {
    listening_.Works();
  } else {
    listening_.Fails({status.message().data(), status.message().size()});
  }
}

}  // namespace baliprocess::resource
