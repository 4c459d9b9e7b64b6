#include "common/resource/program/store_shipping.h"

#include <string_view>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/telemetry/log.h"

ABSL_FLAG(
    std::string, ship_changes, "",
    "A folder, in which there may be others' files, to which what changes in a SQLite --store "
    "is shipped each second, so that `balictl restore --until` restores the store as it was "
    "at any moment: best on another disk than the store. Empty: none.");
ABSL_FLAG(absl::Duration, keep_shipped, absl::Hours(7 * 24),
          "How long the past can be restored from --ship_changes; what is older is removed. 1h at "
          "least.");

namespace baliprocess::resource {
namespace {

void Say(const absl::Status& status, std::string_view what, const std::string& path) {
  const telemetry::Level level = status.ok() ? telemetry::Level::kInfo : telemetry::Level::kError;
  telemetry::Log(level, "shipping", what)
      .Field("path", path)
      .Field("error", status.ok()
                          ? std::string_view()
                          : std::string_view(status.message().data(), status.message().size()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoreShipping>> StoreShipping::FromFlags(
    const std::string& target, const std::string& service) {
  storage::ShippingOptions options;
  options.folder = absl::GetFlag(FLAGS_ship_changes);
  options.keep = absl::GetFlag(FLAGS_keep_shipped);
  if (options.folder.empty()) return nullptr;
  if (storage::DialectOf(target).engine != "SQLite") {
    return absl::InvalidArgumentError(
        "--ship_changes is for a SQLite file, and --store names PostgreSQL, which ships its own "
        "log: see archives in docs/operate/backup.md");
  }
  if (options.keep < absl::Hours(1)) {
    return absl::InvalidArgumentError("--keep_shipped must be 1h at least");
  }
  options.service = service;
  options.told = Say;
  return std::unique_ptr<StoreShipping>(new StoreShipping(std::move(options)));
}

void StoreShipping::AddMetrics(telemetry::Families& families) const {
  const storage::ShippingNumbers& numbers = *options_.numbers;
  families
      .Gauge("bali_store_shipping_lag_seconds",
             "For how long the folder hasn't had all that was committed, or no copy to add it to.")
      .Add({}, absl::ToDoubleSeconds(numbers.Lag()));
  families
      .Gauge("bali_store_shipping_last_copy_timestamp_seconds",
             "As of when the store was copied to the folder last, since 1970; 0: this process "
             "hasn't yet.")
      .Add({}, absl::ToDoubleSeconds(numbers.last_copy.load() - absl::UnixEpoch()));
  families
      .Counter("bali_store_shipping_segments_total",
               "Files that were shipped, each with what was committed since the one before.")
      .Add({}, static_cast<double>(numbers.segments.get()));
  families.Counter("bali_store_shipping_bytes_total", "Bytes of changes that were shipped.")
      .Add({}, static_cast<double>(numbers.bytes.get()));
  families
      .Counter("bali_store_shipping_failures_total",
               "Attempts to ship changes or a copy of the store that failed.")
      .Add({}, static_cast<double>(numbers.failures.get()));
  families
      .Counter("bali_store_shipping_gaps_total",
               "How often shipping was given up, so that the disk of the store doesn't fill.")
      .Add({}, static_cast<double>(numbers.gaps.get()));
}

}  // namespace baliprocess::resource
