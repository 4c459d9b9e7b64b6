// Meetings as a calendar of RFC 5545.

#ifndef BALIPROCESS_SERVICES_MEETINGS_CALENDAR_H_
#define BALIPROCESS_SERVICES_MEETINGS_CALENDAR_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "services/meetings/content_lines.h"
#include "services/meetings/settings.h"

namespace baliprocess::meetings {

// The media type of a calendar.
inline constexpr std::string_view kCalendarType = "text/calendar; charset=utf-8";

class CalendarWriter {
 public:
  // `settings` outlive the writer.
  explicit CalendarWriter(const Settings& settings) : settings_(settings) {}

  // Adds a meeting, or tells why it can't be in a calendar: REASON_UNSPECIFIED means that it was
  // added. `category` is what the body that meets is called. Whole days become VALUE=DATE with an
  // exclusive end; times are those on the clocks of the meeting's zone (TZID). Where the meeting
  // has a link to join, it is told three times, since no program reads all three: as CONFERENCE
  // (RFC 7986 5.11), in the description, and as the place of a meeting that has no other.
  v1::Calendar::Reason Add(const v1::Meeting& meeting, std::string_view category);

  // The calendar, with the zones that its times need. Without a meeting it has the zone UTC, since
  // an iCalendar object has one component at least (3.6).
  std::string Finish() const;

  int meeting_count() const { return meeting_count_; }

 private:
  struct Span {
    absl::Time first = absl::InfiniteFuture();
    absl::Time last = absl::InfinitePast();
  };

  void AddDays(const v1::Meeting& meeting);
  void AddTimes(const v1::Meeting& meeting);
  void AddTime(std::string_view name, absl::CivilSecond time, const absl::TimeZone& zone);
  void AddOrganizer();

  const Settings& settings_;
  ContentLines events_;
  std::map<std::string, Span> zones_;  // by name: the times that events have
  int meeting_count_ = 0;
};

// What a calendar shows of a meeting to those who may see all of it. Equal texts: no calendar shows
// a difference.
std::string ShownInCalendar(const v1::Meeting& meeting);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_CALENDAR_H_
