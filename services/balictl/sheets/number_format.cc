#include "services/balictl/sheets/number_format.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace baliprocess::balictl {
namespace {

constexpr int64_t kSecondsOfDay = 86400;

// The letters of the format that stand for parts of a date or time: without texts in quotes,
// escaped characters, and what is in brackets, but for hours that go on beyond a day ([h]). Only
// the part for positive numbers.
std::string LettersOf(std::string_view code) {
  std::string letters;
  for (size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = absl::ascii_tolower(static_cast<unsigned char>(code[i]));
    if (c == '"' || c == '[') {
      const size_t end = code.find(c == '"' ? '"' : ']', i + 1);
      if (end == std::string_view::npos) break;
      const char first = absl::ascii_tolower(static_cast<unsigned char>(code[i + 1]));
      if (c == '[' && (first == 'h' || first == 's')) letters += first;
      i = end;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == 'y' || c == 'm' || c == 'd' || c == 'h' || c == 's') {
      letters += c;
    }
  }
  return letters;
}

std::string PlainNumber(double number) {
  constexpr double kMostExact = 1e15;
  if (number == std::floor(number) && std::fabs(number) < kMostExact) {
    return absl::StrFormat("%.0f", number == 0 ? 0 : number);
  }
  return absl::StrFormat("%.15g", number);
}

std::string TimeText(int64_t seconds) {
  const std::string text = absl::StrFormat("%02d:%02d", seconds / 3600, seconds / 60 % 60);
  return seconds % 60 == 0 ? text : absl::StrFormat("%s:%02d", text, seconds % 60);
}

std::string DayText(absl::CivilDay day, const NumberFormat& format) {
  if (format.year && !format.day && !format.month) return absl::StrFormat("%04d", day.year());
  if (format.year && !format.day) return absl::StrFormat("%04d-%02d", day.year(), day.month());
  return absl::FormatCivilTime(day);
}

}  // namespace

NumberFormat ReadNumberFormat(std::string_view code) {
  const std::string letters = LettersOf(code);
  const auto has = [&letters](char c) { return letters.find(c) != std::string::npos; };
  NumberFormat format;
  format.time = has('h') || has('s');
  format.year = has('y');
  format.day = has('d');
  // Beside hours or seconds these are minutes, unless a date is there, too.
  format.month = has('m') && (!format.time || format.year || format.day);
  // The word General has no such letters in the languages that write it into files; in German's
  // `Standard` there is a d.
  if (absl::AsciiStrToLower(std::string(code)) == "standard") return {};
  return format;
}

NumberFormat BuiltInFormat(int number) {
  if (number == 17) return {.year = true, .month = true};
  if (number == 22) return {.year = true, .month = true, .day = true, .time = true};
  const bool date = (number >= 14 && number <= 16) || (number >= 27 && number <= 31) ||
                    (number >= 50 && number <= 58) || number == 36;
  if (date) return {.year = true, .month = true, .day = true};
  const bool time = (number >= 18 && number <= 21) || (number >= 32 && number <= 35) ||
                    (number >= 45 && number <= 47);
  return {.time = time};
}

std::string NumberText(double number, const NumberFormat& format, bool from_1904) {
  constexpr double kMostDays = 2958466;  // 10000-01-01
  const bool fits = number >= 0 && number < kMostDays;
  if (!fits || (!format.IsDate() && !format.time)) return PlainNumber(number);
  const auto seconds = static_cast<int64_t>(std::llround(number * kSecondsOfDay));
  int64_t days = seconds / kSecondsOfDay;
  const int64_t of_day = seconds % kSecondsOfDay;
  if (!format.IsDate()) return days == 0 ? TimeText(of_day) : PlainNumber(number);
  // In 1900 the format has a 29 February, as Lotus 1-2-3 had.
  if (!from_1904 && days < 60) ++days;
  const absl::CivilDay zero = from_1904 ? absl::CivilDay(1904, 1, 1) : absl::CivilDay(1899, 12, 30);
  const absl::CivilDay day = zero + days;
  if (day.year() > 9999) return PlainNumber(number);
  const std::string text = DayText(day, format);
  return of_day == 0 || !format.time ? text : absl::StrFormat("%s %s", text, TimeText(of_day));
}

}  // namespace baliprocess::balictl
