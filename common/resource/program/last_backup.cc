#include "common/resource/program/last_backup.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/telemetry/log.h"

namespace baliprocess::resource {

using storage::Bytes;
using storage::Transaction;

absl::Status LastBackup::Read() {
  return database_.ReadOne([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows,
                     tx.Query("SELECT value FROM engine_state WHERE key = 'last_backup'"));
    int64_t micros = 0;
    if (!rows.empty() && absl::SimpleAtoi(storage::AsBytes(rows[0][0]), &micros)) {
      begin_ = absl::FromUnixMicros(micros);
    }
    return absl::OkStatus();
  });
}

void LastBackup::Sent(absl::Time begin) {
  begin_ = begin;
  const std::string micros = absl::StrCat(absl::ToUnixMicros(begin));
  const absl::Status kept = database_.Write([&](Transaction& tx) {
    return tx
        .Execute(
            "INSERT INTO engine_state (key, value) VALUES ('last_backup', ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            {Bytes{micros}})
        .status();
  });
  if (kept.ok()) return;
  telemetry::Log(telemetry::Level::kError, "backup", "the time of a backup can't be kept")
      .Field("error", kept.ToString());
}

void LastBackup::AddMetrics(telemetry::Families& families) const {
  families
      .Gauge("bali_store_last_backup_timestamp_seconds",
             "When the last copy of the store began that was sent to its end, since 1970; 0: there "
             "was none.")
      .Add({}, absl::ToDoubleSeconds(begin_.load() - absl::UnixEpoch()));
}

}  // namespace baliprocess::resource
