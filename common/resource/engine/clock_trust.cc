#include "common/resource/engine/clock_trust.h"

#include <string>

#include "absl/strings/str_cat.h"

#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

bool Near(absl::Duration a, absl::Duration b) {
  return absl::AbsDuration(a - b) <= ClockTrust::kTolerance;
}

std::string Ahead(absl::Duration by) {
  return absl::StrCat("it is ", absl::FormatDuration(absl::AbsDuration(by)),
                      by < absl::ZeroDuration() ? " behind" : " ahead");
}

}  // namespace

ClockTrust::ClockTrust(const Clock& wall, const Clock& since_start, absl::Time newest)
    : wall_(wall), since_start_(since_start), newest_(newest), began_(since_start.Now()) {
  Now();  // from here on it is compared
}

std::optional<absl::Time> ClockTrust::Now() {
  const std::lock_guard lock(mutex_);
  const absl::Time wall = wall_.Now();
  trusted_now_ = Believes(wall, since_start_.Now());
  if (!trusted_now_) return std::nullopt;
  return wall;
}

std::optional<absl::Time> ClockTrust::NowForRemoval() {
  const std::optional<absl::Time> now = Now();
  if (since_start_.Now() - began_ < kFirstLook) return std::nullopt;
  return now;
}

bool ClockTrust::Believes(absl::Time wall, absl::Time since_start) {
  const absl::Duration offset = wall - since_start;
  bool believed = trusted_ ? Near(offset, *trusted_) : wall + kTolerance >= newest_;
  if (!believed) {
    if (!standing_ || !Near(offset, standing_->offset)) standing_ = Look{offset, since_start};
    believed = since_start - standing_->since_start >= kStanding;
    const std::string where = Ahead(trusted_ ? offset - *trusted_ : wall - newest_);
    if (!believed) {
      log_.Fails(where);
      return false;
    }
    telemetry::Log(telemetry::Level::kWarn, "engine",
                   "the wall clock has stood for an hour where it was set to: it is believed")
        .Field("error", where);
  }
  trusted_ = offset;
  standing_.reset();
  log_.Works();
  return true;
}

}  // namespace baliprocess::resource
