#include "services/meetings/calendar.h"

#include <google/protobuf/timestamp.pb.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"
#include "google/type/timeofday.pb.h"

#include "baliprocess/common/v1/venue.pb.h"
#include "common/base/date.h"

namespace baliprocess::meetings {
namespace {

using v1::Calendar;
using v1::Meeting;

constexpr size_t kMostOctets = 75;  // of a line, without its end

absl::CivilDay CivilDayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

const google::type::Date& LastDate(const Meeting& meeting) {
  return meeting.has_end_date() ? meeting.end_date() : meeting.start_date();
}

std::string Basic(absl::CivilDay day) {
  return absl::FormatTime("%Y%m%d", absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
}

std::string Utc(absl::Time time) {
  return absl::FormatTime("%Y%m%dT%H%M%SZ", time, absl::UTCTimeZone());
}

std::string Utc(const google::protobuf::Timestamp& time) {
  return Utc(absl::FromUnixSeconds(time.seconds()));
}

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

std::string LocationOf(const common::v1::Venue& venue) {
  std::vector<std::string> parts;
  for (const std::string* part : {&venue.display_name(), &venue.city(), &venue.region_code()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return absl::StrJoin(parts, ", ");
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\\' || c == ';' || c == ',') {
      escaped += {'\\', c};
    } else if (c != '\r') {
      escaped += c;
    }
  }
  return escaped;
}

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

CalendarWriter::CalendarWriter() {
  Line("BEGIN", "VCALENDAR");
  Line("VERSION", "2.0");
  Line("PRODID", "-//Bali Process suite//Meetings//EN");
  Line("CALSCALE", "GREGORIAN");
}

Calendar::Reason CalendarWriter::Add(const Meeting& meeting) {
  if (!meeting.has_start_date()) return Calendar::NO_DATE;
  if (meeting.start_date().day() == 0 || LastDate(meeting).day() == 0) {
    return Calendar::PARTIAL_DATE;
  }
  Line("BEGIN", "VEVENT");
  Line("UID", absl::StrCat(meeting.uid(), "@baliprocess.net"));
  Line("DTSTAMP", Utc(meeting.update_time()));
  Line("CREATED", Utc(meeting.create_time()));
  Line("LAST-MODIFIED", Utc(meeting.update_time()));
  Line("SEQUENCE", absl::StrCat(meeting.sequence()));
  Line("STATUS", StatusOf(meeting));
  if (meeting.has_start_time()) {
    Times(meeting);
  } else {
    Days(meeting);
  }
  Text("SUMMARY", meeting.display_name());
  Text("LOCATION", LocationOf(meeting.venue()));
  Text("DESCRIPTION", meeting.summary());
  Text("CATEGORIES", meeting.body());
  Line("END", "VEVENT");
  return Calendar::REASON_UNSPECIFIED;
}

std::string CalendarWriter::Finish() {
  Line("END", "VCALENDAR");
  return std::move(text_);
}

void CalendarWriter::Days(const Meeting& meeting) {
  Line("DTSTART;VALUE=DATE", Basic(CivilDayOf(meeting.start_date())));
  Line("DTEND;VALUE=DATE", Basic(CivilDayOf(LastDate(meeting)) + 1));
}

// In UTC: a zone of one's own would have to be spelled out, and a calendar shows its owner's.
void CalendarWriter::Times(const Meeting& meeting) {
  const absl::TimeZone zone = ZoneOf(meeting.time_zone());
  const absl::CivilSecond start = CivilOf(meeting.start_date(), meeting.start_time());
  Line("DTSTART", Utc(MomentOf(start, zone)));
  if (!meeting.has_end_time() && !meeting.has_end_date()) return;
  // Without a time, until the end of the last day there.
  const absl::CivilSecond end = meeting.has_end_time()
                                    ? CivilOf(LastDate(meeting), meeting.end_time())
                                    : absl::CivilSecond(CivilDayOf(meeting.end_date()) + 1);
  Line("DTEND", Utc(MomentsOf(start, end, zone).end));
}

void CalendarWriter::Text(std::string_view name, std::string_view value) {
  if (!value.empty()) Line(name, Escaped(value));
}

void CalendarWriter::Line(std::string_view name, std::string_view value) {
  const std::string line = absl::StrCat(std::string(name), ":", std::string(value));
  size_t octets = 0;
  for (size_t at = 0; at < line.size();) {
    size_t end = at + 1;
    while (end < line.size() && !StartsCharacter(line[end])) ++end;
    if (octets + (end - at) > kMostOctets) {
      text_ += "\r\n ";
      octets = 1;
    }
    text_.append(line, at, end - at);
    octets += end - at;
    at = end;
  }
  text_ += "\r\n";
}

}  // namespace baliprocess::meetings
