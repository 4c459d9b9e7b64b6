// Dates of year, month or day precision (google.type.Date), and what can be said of them.
//
// A partial date stands for some day within its month or year. Comparing it can therefore be
// undecided: whether February 2023 lies before 15 February 2023 nobody knows.

#ifndef BALIPROCESS_COMMON_BASE_DATE_H_
#define BALIPROCESS_COMMON_BASE_DATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace baliprocess {

// The answer to a question about partial dates.
enum class Truth { kFalse, kUnknown, kTrue };

Truth Not(Truth a);
Truth And(Truth a, Truth b);
Truth Or(Truth a, Truth b);

// The days that a date may stand for, as numbers `yyyymmdd` (20240502), both inclusive. February
// 2023 is 20230201 to 20230228. The numbers order as the days do; they are not a day count.
struct DayRange {
  int32_t first = 0;
  int32_t last = 0;
};

// Why `date` isn't a date of year (2024), month (2024-02) or day (2024-02-29) precision, years 1 to
// 9999; nullopt when it is one. The text completes the sentence "must be ...".
std::optional<std::string> WhyInvalid(const google::type::Date& date);

// The days of a valid date.
DayRange DaysOf(const google::type::Date& date);

// The reverse of DaysOf; a range that no date stands for becomes the date of its first day.
google::type::Date DateOf(const DayRange& days);

// The day `months` months after `day` (`yyyymmdd`): the last of the month where that has no such
// day.
int32_t AddMonths(int32_t day, int months);

// The day after `day` (`yyyymmdd`).
int32_t NextDay(int32_t day);

// The day of a moment in a zone.
google::type::Date DayOf(absl::Time time, const absl::TimeZone& zone = absl::UTCTimeZone());

// A zone of the IANA database; UTC if there is none of this name.
absl::TimeZone ZoneOf(const std::string& name);

// The moment of a time on the clocks of a zone. A time that the clocks skip is read with the offset
// before them (02:10 of a night without an hour from 02:00 is what 03:10 is), a time that they show
// twice is the first of the two (RFC 5545 section 3.3.5).
absl::Time MomentOf(absl::CivilSecond local, const absl::TimeZone& zone);

// The same of a time from `start` to a later `end`. Should the clocks be put forward in between, so
// that the end would not be later than the start, it is read with the offset of the start.
struct Moments {
  absl::Time start;
  absl::Time end;
};
Moments MomentsOf(absl::CivilSecond start, absl::CivilSecond end, const absl::TimeZone& zone);

// Whether the day that `a` stands for is before that of `b`.
Truth Before(const DayRange& a, const DayRange& b);

// Whether `day` lies in the term from `start` to `end`, both inclusive. An absent bound is open.
Truth Within(const DayRange& day, const std::optional<DayRange>& start,
             const std::optional<DayRange>& end);

// Whether the terms share a day. Absent bounds are open.
Truth Overlap(const std::optional<DayRange>& start_a, const std::optional<DayRange>& end_a,
              const std::optional<DayRange>& start_b, const std::optional<DayRange>& end_b);

// `2024`, `2024-05` or `2024-05-02`.
std::string FormatDate(const google::type::Date& date);

// The reverse of FormatDate; nullopt when `text` isn't a valid date.
std::optional<google::type::Date> ParseDate(std::string_view text);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_DATE_H_
