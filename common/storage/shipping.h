// Shipping what changes in a SQLite store to a folder, so that the store can be restored as it was
// at any moment (shipped_files.h says what is there, sqlite_shipping.h how it comes there).

#ifndef BALIPROCESS_COMMON_STORAGE_SHIPPING_H_
#define BALIPROCESS_COMMON_STORAGE_SHIPPING_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/clock.h"
#include "common/base/counts.h"
#include "common/base/steady_time.h"
#include "common/storage/database.h"

namespace baliprocess::storage {

// What is counted of it. Any thread may read it at any time.
struct ShippingNumbers {
  SharedCount segments;
  SharedCount bytes;
  SharedCount failures;  // attempts to write to the folder
  SharedCount gaps;      // how often it was given up, so that the store's disk doesn't fill
  std::atomic<absl::Time> last_copy = absl::UnixEpoch();  // as of when; the epoch: none was shipped
  // Since when the folder hasn't had all that was committed; 0: it has.
  std::atomic<SteadyTime::rep> behind_since = 0;

  // For how long the folder hasn't had all that was committed.
  absl::Duration Lag() const {
    const SteadyTime::rep since = behind_since;
    return since == 0 ? absl::ZeroDuration() : Since(SteadyTime(SteadyTime::duration(since)));
  }
};

struct ShippingOptions {
  std::string folder;   // must be there; several stores may ship to it
  std::string service;  // `membership`: its chains are named by it
  // How long what a store was is kept; more is kept so that all of that can be restored.
  absl::Duration keep = absl::Hours(7 * 24);
  // How often what was committed is shipped.
  absl::Duration interval = absl::Seconds(1);
  // How often the folder is told that nothing was committed.
  absl::Duration idle_interval = absl::Minutes(1);
  // When another copy is made: after so long, or so many bytes of segments and as many as eight
  // times the copy has.
  absl::Duration copy_age = absl::Hours(24);
  uint64_t copy_bytes = uint64_t{1} << 30;
  // Pages of the write-ahead log at which shipping is given up: the log can't start over before all
  // of it was shipped. 48,000 are 190 MiB.
  int most_pages = 48'000;
  // How many chains of the service may begin within an hour: each has a copy of the store, and a
  // service may be started again and again.
  int most_chains_an_hour = 12;
  const Clock* clock = &Clock::System();
  // Told what is done and what fails, with the folder or the chain that it is about; from threads
  // of the store's, and mustn't wait. An error is told once, and OK when an attempt succeeds again.
  using Told = std::function<void(const absl::Status& status, std::string_view what,
                                  const std::string& path)>;
  Told told = [](const absl::Status&, std::string_view, const std::string&) {};
  std::shared_ptr<ShippingNumbers> numbers = std::make_shared<ShippingNumbers>();
};

// Opens a SQLite store as Database::Open does, and ships what changes as long as it is open. A
// folder that fails or hangs keeps nobody from the store, but that its end waits for a write to the
// folder which is under way.
absl::StatusOr<std::unique_ptr<Database>> OpenShippedSqlite(std::string_view path,
                                                            const Database::Options& options,
                                                            const ShippingOptions& shipping);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SHIPPING_H_
