// Meetings as a calendar of RFC 5545.

#ifndef BALIPROCESS_SERVICES_MEETINGS_CALENDAR_H_
#define BALIPROCESS_SERVICES_MEETINGS_CALENDAR_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"

namespace baliprocess::meetings {

class CalendarWriter {
 public:
  CalendarWriter();

  // Adds a meeting, or tells why it can't be in a calendar: REASON_UNSPECIFIED means that it was
  // added. Whole days become VALUE=DATE with an exclusive end; times become UTC.
  v1::Calendar::Reason Add(const v1::Meeting& meeting);

  // The calendar. Call once, last.
  std::string Finish();

 private:
  // A content line: folded after 75 octets, never within a character (3.1).
  void Line(std::string_view name, std::string_view value);
  // The same with a TEXT value: escaped (3.3.11). Nothing when it is empty.
  void Text(std::string_view name, std::string_view value);
  void Days(const v1::Meeting& meeting);
  void Times(const v1::Meeting& meeting);

  std::string text_;
};

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_CALENDAR_H_
