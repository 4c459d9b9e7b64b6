#include "common/resource/engine/record_numbers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::resource {
namespace {

using common::v1::Change;

constexpr absl::Duration kShortestPause = absl::Minutes(10);
constexpr absl::Duration kLongestPause = absl::Minutes(30);
constexpr int64_t kPauseForWork = 100;

// The kinds that are kept in a change log.
bool IsMade(int kind) {
  return Change::Kind_IsValid(kind) && kind != Change::KIND_UNSPECIFIED && kind != Change::HIDDEN;
}

}  // namespace

RecordNumbers::RecordNumbers(const Registry& registry, const Clock& since_start)
    : clock_(since_start) {
  for (const auto& type : registry.types()) {
    by_type_[type.get()].type = type->type.substr(type->type.rfind('/') + 1);
  }
}

void RecordNumbers::AddChanges(const ChangesMade& changes) {
  for (const auto& [type, kind] : changes) by_type_.at(type).changes[kind].Add();
}

absl::Duration RecordNumbers::PauseAfter(absl::Duration took) {
  return std::clamp(took * kPauseForWork, kShortestPause, kLongestPause);
}

absl::Status RecordNumbers::Count(storage::Database& database) {
  const absl::Time begin = clock_.Now();
  absl::Status first;
  for (const auto& [type, numbers] : by_type_) {
    absl::Status status = CountType(*type, database);
    if (first.ok()) first = std::move(status);
  }
  const absl::Time end = clock_.Now();
  next_count_ = end + PauseAfter(end - begin);
  return first;
}

absl::Status RecordNumbers::CountType(const ResourceType& type, storage::Database& database) {
  const std::string count =
      absl::StrCat("SELECT COUNT(*) FROM ", type.plural, " WHERE delete_time IS NULL");
  return database.ReadOne([&](storage::Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query(count));
    by_type_.at(&type).records = storage::AsInt(rows[0][0]);
    return absl::OkStatus();
  });
}

void RecordNumbers::AddMetrics(telemetry::Families& families) const {
  families.Gauge("bali_records",
                 "Resources that there are, without those that were deleted, as last counted.");
  for (const auto& [type, numbers] : by_type_) {
    if (numbers.records < 0) continue;
    families.Add({{"type", numbers.type}}, static_cast<double>(numbers.records));
  }
  families.Counter("bali_changes_total", "Changes that this process has recorded, by kind.");
  for (const auto& [type, numbers] : by_type_) {
    for (size_t kind = 0; kind < kKinds; ++kind) {
      if (!IsMade(static_cast<int>(kind))) continue;
      const std::string& name = Change::Kind_Name(static_cast<Change::Kind>(kind));
      families.Add({{"type", numbers.type}, {"kind", name}},
                   static_cast<double>(numbers.changes[kind].get()));
    }
  }
}

}  // namespace baliprocess::resource
