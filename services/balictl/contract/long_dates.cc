#include "services/balictl/contract/long_dates.h"

#include "absl/strings/str_cat.h"

namespace baliprocess::balictl {
namespace {

constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                   "May",       "June",     "July",     "August",
                                   "September", "October",  "November", "December"};

std::string MonthOf(const google::type::Date& date) {
  const bool known = date.month() >= 1 && date.month() <= 12;
  return known ? kMonths[date.month() - 1] : absl::StrCat(date.month());
}

}  // namespace

std::string LongDate(const google::type::Date& date) {
  if (date.year() == 0) return "";
  if (date.month() == 0) return absl::StrCat(date.year());
  const std::string month = absl::StrCat(MonthOf(date), " ", date.year());
  return date.day() == 0 ? month : absl::StrCat(date.day(), " ", month);
}

std::string LongDates(const google::type::Date& first, const google::type::Date& last) {
  const std::string start = LongDate(first);
  const std::string end = LongDate(last);
  if (start.empty() || end.empty() || start == end) return start.empty() ? end : start;
  // What both have is said once, if they are as precise.
  const bool one_year = first.year() == last.year() && first.month() != 0 && last.month() != 0 &&
                        (first.day() == 0) == (last.day() == 0);
  if (!one_year) return absl::StrCat(start, " to ", end);
  if (first.day() == 0) return absl::StrCat(MonthOf(first), " to ", end);
  if (first.month() == last.month()) return absl::StrCat(first.day(), " to ", end);
  return absl::StrCat(first.day(), " ", MonthOf(first), " to ", end);
}

}  // namespace baliprocess::balictl
