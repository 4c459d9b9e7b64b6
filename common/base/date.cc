#include "common/base/date.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"

namespace baliprocess {
namespace {

int32_t LastDayOfMonth(int32_t year, int32_t month) {
  return (absl::CivilDay(absl::CivilMonth(year, month) + 1) - 1).day();
}

absl::CivilDay CivilDayOf(int32_t day) {
  return absl::CivilDay(day / 10000, day / 100 % 100, day % 100);
}

int32_t NumberOf(const absl::CivilDay& day) {
  return static_cast<int32_t>(day.year()) * 10000 + day.month() * 100 + day.day();
}

Truth FromBool(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

// Whether an absent-or-present start is on or before a day; an absent one always is.
Truth OnOrBefore(const std::optional<DayRange>& start, const DayRange& day) {
  return start ? Not(Before(day, *start)) : Truth::kTrue;
}

Truth OnOrAfter(const std::optional<DayRange>& end, const DayRange& day) {
  return end ? Not(Before(*end, day)) : Truth::kTrue;
}

}  // namespace

Truth Not(Truth a) {
  if (a == Truth::kUnknown) return a;
  return FromBool(a == Truth::kFalse);
}

Truth And(Truth a, Truth b) { return std::min(a, b); }

Truth Or(Truth a, Truth b) { return std::max(a, b); }

std::optional<std::string> WhyInvalid(const google::type::Date& date) {
  if (date.year() < 1 || date.year() > 9999) return "a date with a year from 1 to 9999";
  if (date.month() < 0 || date.month() > 12)
    return "a date with a month from 1 to 12, or 0 for none";
  if (date.month() == 0) {
    if (date.day() != 0) return "a date with a month where it has a day";
    return std::nullopt;
  }
  const int32_t last = LastDayOfMonth(date.year(), date.month());
  if (date.day() < 0 || date.day() > last) {
    return absl::StrFormat("a date that exists: %04d-%02d has %d days", date.year(), date.month(),
                           last);
  }
  return std::nullopt;
}

DayRange DaysOf(const google::type::Date& date) {
  const int32_t year = date.year() * 10000;
  if (date.month() == 0) return {year + 101, year + 1231};
  const int32_t month = year + date.month() * 100;
  if (date.day() == 0) return {month + 1, month + LastDayOfMonth(date.year(), date.month())};
  return {month + date.day(), month + date.day()};
}

google::type::Date DateOf(const DayRange& days) {
  google::type::Date date;
  date.set_year(days.first / 10000);
  const auto stands_for = [&] {
    const DayRange found = DaysOf(date);
    return found.first == days.first && found.last == days.last;
  };
  if (stands_for()) return date;
  date.set_month(days.first / 100 % 100);
  if (stands_for()) return date;
  date.set_day(days.first % 100);
  return date;
}

int32_t AddMonths(int32_t day, int months) {
  const absl::CivilDay from = CivilDayOf(day);
  const absl::CivilMonth month = absl::CivilMonth(from) + months;
  const int last = LastDayOfMonth(static_cast<int32_t>(month.year()), month.month());
  return NumberOf(absl::CivilDay(month.year(), month.month(), std::min(from.day(), last)));
}

int32_t NextDay(int32_t day) { return NumberOf(CivilDayOf(day) + 1); }

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!name.empty() && !absl::LoadTimeZone(name, &zone)) return absl::UTCTimeZone();
  return zone;
}

google::type::Date DayOf(absl::Time time, const absl::TimeZone& zone) {
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  google::type::Date date;
  date.set_year(static_cast<int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

absl::Time MomentOf(absl::CivilSecond local, const absl::TimeZone& zone) {
  return zone.At(local).pre;
}

Moments MomentsOf(absl::CivilSecond start, absl::CivilSecond end, const absl::TimeZone& zone) {
  Moments moments{MomentOf(start, zone), MomentOf(end, zone)};
  if (moments.end <= moments.start) moments.end = moments.start + absl::Seconds(end - start);
  return moments;
}

Truth Before(const DayRange& a, const DayRange& b) {
  if (a.last < b.first) return Truth::kTrue;
  if (a.first >= b.last) return Truth::kFalse;
  return Truth::kUnknown;
}

Truth Within(const DayRange& day, const std::optional<DayRange>& start,
             const std::optional<DayRange>& end) {
  return And(OnOrBefore(start, day), OnOrAfter(end, day));
}

Truth Overlap(const std::optional<DayRange>& start_a, const std::optional<DayRange>& end_a,
              const std::optional<DayRange>& start_b, const std::optional<DayRange>& end_b) {
  const Truth a_begins_in_time = end_b ? OnOrBefore(start_a, *end_b) : Truth::kTrue;
  const Truth b_begins_in_time = end_a ? OnOrBefore(start_b, *end_a) : Truth::kTrue;
  return And(a_begins_in_time, b_begins_in_time);
}

std::string FormatDate(const google::type::Date& date) {
  if (date.month() == 0) return absl::StrFormat("%04d", date.year());
  if (date.day() == 0) return absl::StrFormat("%04d-%02d", date.year(), date.month());
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::optional<google::type::Date> ParseDate(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), '-');
  if (parts.size() > 3 || parts[0].size() != 4) return std::nullopt;
  int32_t numbers[3] = {0, 0, 0};
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool digits =
        std::all_of(parts[i].begin(), parts[i].end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || (i > 0 && parts[i].size() != 2)) return std::nullopt;
    if (!absl::SimpleAtoi(parts[i], &numbers[i]) || numbers[i] == 0) return std::nullopt;
  }
  google::type::Date date;
  date.set_year(numbers[0]);
  date.set_month(numbers[1]);
  date.set_day(numbers[2]);
  if (WhyInvalid(date)) return std::nullopt;
  return date;
}

}  // namespace baliprocess
