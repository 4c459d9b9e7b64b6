// Time zones as iCalendar objects tell them (RFC 5545 3.6.5).
//
// Made from the zones that everything else here reckons with, the system's. ICU could write them,
// but from data of its own, which Debian keeps as they were when it was released (2022e); and its
// part of a zone since a moment leaves out what was in force at that moment.

#ifndef BALIPROCESS_SERVICES_MEETINGS_CALENDAR_ZONE_H_
#define BALIPROCESS_SERVICES_MEETINGS_CALENDAR_ZONE_H_

#include "absl/time/time.h"

#include "services/meetings/content_lines.h"

namespace baliprocess::meetings {

// Adds a VTIMEZONE with each change of the zone's clocks from the one before `first` to the last
// before `last`: right for every time between these.
void AddZone(const absl::TimeZone& zone, absl::Time first, absl::Time last, ContentLines& lines);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_CALENDAR_ZONE_H_
