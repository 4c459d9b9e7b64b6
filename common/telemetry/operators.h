// What a process shows to those who operate it, from its start to its end:
//   /livez       200: the process lives
//   /readyz      200: it serves, and all that it needs is there; else 503. JSON says what isn't
//   /readyz/own  likewise, but other processes don't count: for balancers, which send calls to
//                another replica when this one isn't ready. That helps against a store that fails
//                here, and not against a service that all replicas miss
//   /metrics     for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats)
//   /config      the settings in effect, secrets masked, and where each comes from
//   /calls       what is in flight, at most 1000 calls of each part
//
// Flags: --admin_listen, --admin_allow_remote.

#ifndef BALIPROCESS_COMMON_TELEMETRY_OPERATORS_H_
#define BALIPROCESS_COMMON_TELEMETRY_OPERATORS_H_

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/config.h"
#include "common/telemetry/admin_server.h"
#include "common/telemetry/call_listing.h"
#include "common/telemetry/families.h"

namespace baliprocess::telemetry {

// Something that a process needs.
struct Need {
  std::string trouble;  // why the process hasn't got it; empty: it has
  // It is another process of the suite. Without it some calls fail, and the others don't.
  bool elsewhere = false;
};

// Whether a process does its work.
struct Readiness {
  std::map<std::string, Need> needs;  // by name
  // No new calls are taken.
  bool draining = false;

  bool ready() const;

  // As far as the process depends on itself: without what is elsewhere.
  Readiness own() const;
};

// A part of a process that operators may look into. All of it may be asked on any thread, by one at
// a time, and may not wait for long.
class Inspected {
 public:
  virtual ~Inspected() = default;

  // Adds families of metrics: no other part has families of these names.
  virtual void AddMetrics(Families& /*families*/) const {}
  // Says what it needs that is there or isn't.
  virtual void AddReadiness(Readiness& /*readiness*/) const {}
  // Adds `most` calls at most. `patience`: how long it may wait for others to tell theirs.
  virtual void AddCalls(size_t /*most*/, absl::Duration /*patience*/,
                        CallListing& /*listing*/) const {}
};

class Operators {
 public:
  // Listens as the flags say, or nowhere. What the process itself has is shown from the first
  // answer on: its memory and time, its version, these settings, and `first`, which outlives this
  // object. Errors as AdminServer::Start.
  static absl::StatusOr<std::unique_ptr<Operators>> FromFlags(std::vector<Setting> settings,
                                                              const Inspected& first);

  // As FromFlags. Empty `options.listen`: nowhere.
  static absl::StatusOr<std::unique_ptr<Operators>> Start(AdminOptions options,
                                                          std::vector<Setting> settings,
                                                          const Inspected& first);

  // Shows a part until the returned handle is destroyed, which waits for a page in the making. The
  // handle lives no longer than the part, nor than this object.
  class Shown {
   public:
    Shown() = default;
    Shown(Shown&& other) noexcept;
    Shown& operator=(Shown&& other) noexcept;
    ~Shown();

   private:
    friend class Operators;
    Shown(Operators& operators, const Inspected& part) : operators_(&operators), part_(&part) {}
    Operators* operators_ = nullptr;
    const Inspected* part_ = nullptr;
  };
  [[nodiscard]] Shown Show(const Inspected& part);
  [[nodiscard]] std::vector<Shown> ShowAll(const std::vector<const Inspected*>& parts);

  // The page of a path, such as `/metrics`.
  AdminPage Answer(const std::string& path) const;

  // 0: it listens nowhere.
  int port() const { return server_ ? server_->port() : 0; }

 private:
  Operators(std::vector<Setting> settings, const Inspected& first)
      : settings_(std::move(settings)), parts_{&first} {}

  Readiness ReadinessOfParts() const;
  AdminPage Metrics() const;
  static AdminPage Ready(const Readiness& readiness);
  AdminPage Config() const;
  AdminPage Calls() const;

  const std::vector<Setting> settings_;
  mutable std::mutex mutex_;
  std::list<const Inspected*> parts_;
  std::unique_ptr<AdminServer> server_;  // the first to go: its thread asks the rest
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_OPERATORS_H_
