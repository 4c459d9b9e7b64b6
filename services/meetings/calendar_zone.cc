#include "services/meetings/calendar_zone.h"

#include <cstdlib>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace baliprocess::meetings {
namespace {

// `+0930`; with seconds where a zone has them, as those of long ago.
std::string Offset(int seconds) {
  const int east = std::abs(seconds);
  std::string text =
      absl::StrFormat("%c%02d%02d", seconds < 0 ? '-' : '+', east / 3600, east / 60 % 60);
  if (east % 60 != 0) absl::StrAppendFormat(&text, "%02d", east % 60);
  return text;
}

// What the clocks show since a moment, at which they showed `start` (3.6.5: by the offset before).
void AddObservance(absl::CivilSecond start, int offset_before, const absl::TimeZone::CivilInfo& now,
                   ContentLines& lines) {
  const char* kind = now.is_dst ? "DAYLIGHT" : "STANDARD";
  lines.Add("BEGIN", kind);
  lines.Add("DTSTART", absl::StrFormat("%04d%02d%02dT%02d%02d%02d", start.year(), start.month(),
                                       start.day(), start.hour(), start.minute(), start.second()));
  lines.Add("TZOFFSETFROM", Offset(offset_before));
  lines.Add("TZOFFSETTO", Offset(now.offset));
  lines.AddText("TZNAME", now.zone_abbr);
  lines.Add("END", kind);
}

// When the clocks that showed `change.from` were set to `change.to`.
absl::Time MomentOf(const absl::TimeZone& zone, const absl::TimeZone::CivilTransition& change) {
  // One of the two is skipped, or there twice.
  const absl::TimeZone::TimeInfo from = zone.At(change.from);
  return from.kind == absl::TimeZone::TimeInfo::UNIQUE ? zone.At(change.to).trans : from.trans;
}

}  // namespace

void AddZone(const absl::TimeZone& zone, absl::Time first, absl::Time last, ContentLines& lines) {
  lines.Add("BEGIN", "VTIMEZONE");
  lines.Add("TZID", zone.name());
  absl::TimeZone::CivilTransition change;
  absl::Time at = first;
  // The first moment itself counts as after the change that happens at it.
  if (zone.PrevTransition(first + absl::Seconds(1), &change)) {
    at = MomentOf(zone, change);
    AddObservance(change.from, zone.At(at - absl::Seconds(1)).offset, zone.At(at), lines);
  } else {
    const auto info = zone.At(first);
    AddObservance(info.cs - 24 * 3600, info.offset, info, lines);
  }
  while (zone.NextTransition(at, &change)) {
    at = MomentOf(zone, change);
    if (at > last) break;
    AddObservance(change.from, zone.At(at - absl::Seconds(1)).offset, zone.At(at), lines);
  }
  lines.Add("END", "VTIMEZONE");
}

}  // namespace baliprocess::meetings
