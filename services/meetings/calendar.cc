#include "services/meetings/calendar.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "google/type/timeofday.pb.h"

#include "baliprocess/common/v1/venue.pb.h"
#include "common/base/date.h"
#include "services/meetings/calendar_zone.h"

namespace baliprocess::meetings {
namespace {

using v1::Calendar;
using v1::Meeting;

absl::CivilDay CivilDayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

const google::type::Date& LastDate(const Meeting& meeting) {
  return meeting.has_end_date() ? meeting.end_date() : meeting.start_date();
}

std::string Basic(absl::CivilSecond time, const char* format) {
  return absl::FormatTime(format, absl::FromCivil(time, absl::UTCTimeZone()), absl::UTCTimeZone());
}

std::string Utc(absl::Time time) {
  return absl::FormatTime("%Y%m%dT%H%M%SZ", time, absl::UTCTimeZone());
}

std::string Utc(const google::protobuf::Timestamp& time) {
  return Utc(absl::FromUnixSeconds(time.seconds()));
}

// A time on the clocks of the meeting's zone.
absl::CivilSecond CivilOf(const google::type::Date& date, const google::type::TimeOfDay& time) {
  return absl::CivilSecond(date.year(), date.month(), date.day(), time.hours(), time.minutes(),
                           time.seconds());
}

// What is postponed isn't on the days that the record has.
std::string_view StatusOf(const Meeting& meeting) {
  switch (meeting.state()) {
    case Meeting::CONVENED:
    case Meeting::CONCLUDED:
      return "CONFIRMED";
    case Meeting::POSTPONED:
    case Meeting::CANCELLED:
      return "CANCELLED";
    default:
      return "TENTATIVE";
  }
}

std::string LocationOf(const Meeting& meeting) {
  const common::v1::Venue& venue = meeting.venue();
  const std::string address = absl::StrReplaceAll(venue.address(), {{"\n", ", "}});
  std::vector<std::string> parts;
  for (const std::string* part :
       {&venue.display_name(), &address, &venue.city(), &venue.region_code()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  if (!parts.empty()) return absl::StrJoin(parts, ", ");
  if (!venue.uri().empty()) return venue.uri();
  return meeting.format() == Meeting::ONLINE ? "Online" : "";
}

std::string DescriptionOf(const Meeting& meeting) {
  const std::string& link = meeting.venue().uri();
  if (link.empty()) return meeting.summary();
  return absl::StrCat(meeting.summary(), meeting.summary().empty() ? "" : "\n\n",
                      "To join from afar: ", link);
}

}  // namespace

Calendar::Reason CalendarWriter::Add(const Meeting& meeting, std::string_view category) {
  if (!meeting.has_start_date()) return Calendar::NO_DATE;
  if (meeting.start_date().day() == 0 || LastDate(meeting).day() == 0) {
    return Calendar::PARTIAL_DATE;
  }
  ++meeting_count_;
  events_.Add("BEGIN", "VEVENT");
  events_.Add("UID", absl::StrCat(meeting.uid(), "@baliprocess.net"));
  events_.Add("DTSTAMP", Utc(meeting.update_time()));
  events_.Add("CREATED", Utc(meeting.create_time()));
  events_.Add("LAST-MODIFIED", Utc(meeting.update_time()));
  events_.Add("SEQUENCE", absl::StrCat(meeting.sequence()));
  events_.Add("STATUS", StatusOf(meeting));
  if (meeting.has_start_time()) {
    AddTimes(meeting);
  } else {
    AddDays(meeting);
  }
  events_.AddText("SUMMARY", meeting.display_name());
  events_.AddText("LOCATION", LocationOf(meeting));
  events_.AddText("DESCRIPTION", DescriptionOf(meeting));
  events_.AddText("CATEGORIES", category);
  AddOrganizer();
  if (!settings_.public_url.empty()) {
    events_.Add("URL", absl::StrCat(settings_.public_url, "/v1/", meeting.name()));
  }
  if (!meeting.venue().uri().empty()) events_.Add("CONFERENCE;VALUE=URI", meeting.venue().uri());
  events_.Add("END", "VEVENT");
  return Calendar::REASON_UNSPECIFIED;
}

std::string CalendarWriter::Finish() const {
  ContentLines calendar;
  calendar.Add("BEGIN", "VCALENDAR");
  calendar.Add("VERSION", "2.0");
  calendar.Add("PRODID", "-//Bali Process suite//Meetings//EN");
  calendar.Add("CALSCALE", "GREGORIAN");
  for (const auto& [name, span] : zones_) {
    AddZone(ZoneOf(name), span.first, span.last, calendar);
  }
  if (meeting_count_ == 0) {
    AddZone(absl::UTCTimeZone(), absl::UnixEpoch(), absl::UnixEpoch(), calendar);
  }
  calendar.Append(events_);
  calendar.Add("END", "VCALENDAR");
  return calendar.text();
}

void CalendarWriter::AddDays(const Meeting& meeting) {
  events_.Add("DTSTART;VALUE=DATE",
              Basic(absl::CivilSecond(CivilDayOf(meeting.start_date())), "%Y%m%d"));
  events_.Add("DTEND;VALUE=DATE",
              Basic(absl::CivilSecond(CivilDayOf(LastDate(meeting)) + 1), "%Y%m%d"));
}

void CalendarWriter::AddTimes(const Meeting& meeting) {
  const absl::TimeZone zone = ZoneOf(meeting.time_zone());
  const absl::CivilSecond start = CivilOf(meeting.start_date(), meeting.start_time());
  const bool ends = meeting.has_end_time() || meeting.has_end_date();
  // Without a time, until the end of the last day there.
  const absl::CivilSecond end = meeting.has_end_time()
                                    ? CivilOf(LastDate(meeting), meeting.end_time())
                                : ends ? absl::CivilSecond(CivilDayOf(meeting.end_date()) + 1)
                                       : start;
  const auto once = [&](absl::CivilSecond time) {
    return zone.At(time).kind == absl::TimeZone::TimeInfo::UNIQUE;
  };
  if (once(start) && once(end)) {
    AddTime("DTSTART", start, zone);
    if (ends) AddTime("DTEND", end, zone);
    return;
  }
  // What clocks skip or show twice, programs read in different ways.
  const Moments moments = MomentsOf(start, end, zone);
  events_.Add("DTSTART", Utc(moments.start));
  if (ends) events_.Add("DTEND", Utc(moments.end));
}

void CalendarWriter::AddTime(std::string_view name, absl::CivilSecond time,
                             const absl::TimeZone& zone) {
  Span& span = zones_[zone.name()];
  span.first = std::min(span.first, MomentOf(time, zone));
  span.last = std::max(span.last, MomentOf(time, zone));
  std::string property(name);
  events_.Add(property.append(";TZID=").append(zone.name()), Basic(time, "%Y%m%dT%H%M%S"));
}

void CalendarWriter::AddOrganizer() {
  if (settings_.organizer_email.empty()) return;
  std::string property = "ORGANIZER";
  if (!settings_.organizer_name.empty()) {
    // A quoted parameter can't have a quotation mark (3.2).
    const std::string name = absl::StrReplaceAll(settings_.organizer_name, {{"\"", "'"}});
    absl::StrAppend(&property, ";CN=\"", name, "\"");
  }
  events_.Add(property, absl::StrCat("mailto:", settings_.organizer_email));
}

std::string ShownInCalendar(const Meeting& meeting) {
  Meeting shown = meeting;
  shown.clear_update_time();
  shown.clear_sequence();
  const Settings settings;
  CalendarWriter calendar(settings);
  calendar.Add(shown, shown.body());
  return calendar.Finish();
}

}  // namespace baliprocess::meetings
