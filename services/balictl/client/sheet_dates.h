// Dates as people write them into sheets.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_DATES_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_DATES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess::balictl {

// The order of the numbers of a date: `dmy`, `mdy`, `ymd`.
enum class DateOrder { kUnknown, kDayFirst, kMonthFirst, kYearFirst };

// "" is kUnknown. A usage error for anything else.
absl::StatusOr<DateOrder> ParseDateOrder(const std::string& text);

// Whether only the order says which day it is: 03/04/2023, and 31/12/2023, which only one order
// fits, but which says nothing of the dates beside it.
bool AsksForOrder(std::string_view text);

// The date in the form of values.h, `2023-04-03`, which is returned as it is. Others are 2023/4/3,
// 3 April 2023, 3-Apr-2023, April 2023, 04/2023, and with an order 3/4/2023. What isn't known isn't
// made up: a year has four digits. A usage error completes the name of the field.
absl::StatusOr<std::string> ReadSheetDate(std::string_view text, DateOrder order);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_DATES_H_
