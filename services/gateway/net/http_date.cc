#include "services/gateway/net/http_date.h"

#include "absl/strings/str_format.h"

namespace baliprocess::gateway {

// The names of days and months are English, whatever the process's locale is.
std::string HttpDate(absl::Time time) {
  constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const absl::CivilSecond second = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const auto day = static_cast<size_t>(absl::GetWeekday(second));
  return absl::StrFormat("%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[day], second.day(),
                         kMonths[second.month() - 1], second.year(), second.hour(), second.minute(),
                         second.second());
}

}  // namespace baliprocess::gateway
