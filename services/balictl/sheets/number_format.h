// What the formats of a spreadsheet's cells say of their numbers.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_NUMBER_FORMAT_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_NUMBER_FORMAT_H_

#include <string>
#include <string_view>

namespace baliprocess::balictl {

// How the numbers of a format are meant (ECMA-376, part 1, 18.8.31).
struct NumberFormat {
  bool year = false;
  bool month = false;
  bool day = false;
  bool time = false;

  bool IsDate() const { return year || month || day; }
};

// Of a format such as `dd/mm/yyyy;@` or `#,##0.00 [$AUD]`.
NumberFormat ReadNumberFormat(std::string_view code);

// Of the formats that have numbers instead (18.8.30).
NumberFormat BuiltInFormat(int number);

// The number as its format means it: `12.5`, `2025-02-14`, `2025-02` when the format shows no day,
// `2025-02-14 09:30`, `09:30`. `from_1904`: days count from 1904 instead of 1900. A number that is
// no day of the years 1900 to 9999 stays a number.
std::string NumberText(double number, const NumberFormat& format, bool from_1904);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_NUMBER_FORMAT_H_
