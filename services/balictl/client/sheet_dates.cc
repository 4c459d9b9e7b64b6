#include "services/balictl/client/sheet_dates.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

#include "common/base/date.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kYearDigits = 4;

bool AreDigits(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// `3/4/2023`, `3. April 2023` and `Apr 3, 2023` in their words.
std::vector<std::string> WordsOf(std::string_view text) {
  return absl::StrSplit(absl::string_view(text.data(), text.size()), absl::ByAnyChar("/.-, "),
                        absl::SkipEmpty());
}

// The numbers of two or three words, if all of them are numbers.
std::optional<std::vector<int>> NumbersOf(const std::vector<std::string>& words) {
  if (words.size() < 2 || words.size() > 3) return std::nullopt;
  std::vector<int> numbers;
  for (const std::string& word : words) {
    int number = 0;
    if (!AreDigits(word) || word.size() > kYearDigits || !absl::SimpleAtoi(word, &number)) {
      return std::nullopt;
    }
    numbers.push_back(number);
  }
  return numbers;
}

// The month of an English name, or of its first three letters or more; 0: it is none.
int MonthCalled(const std::string& word) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  const std::string wanted = absl::AsciiStrToLower(word);
  for (size_t i = 0; wanted.size() >= 3 && i < kMonths.size(); ++i) {
    if (kMonths[i].starts_with(wanted)) return static_cast<int>(i + 1);
  }
  return 0;
}

struct Parts {
  int year = 0;
  int month = 0;
  int day = 0;  // 0: not known
};

// With the name of a month: the year has four digits, what is left is the day.
std::optional<Parts> WithMonthName(const std::vector<std::string>& words) {
  Parts parts;
  if (words.size() < 2 || words.size() > 3) return std::nullopt;
  for (const std::string& word : words) {
    int number = 0;
    const int month = MonthCalled(word);
    const bool is_number = AreDigits(word) && absl::SimpleAtoi(word, &number);
    if (month > 0 && parts.month == 0) {
      parts.month = month;
    } else if (is_number && word.size() == kYearDigits && parts.year == 0) {
      parts.year = number;
    } else if (is_number && word.size() <= 2 && number > 0 && parts.day == 0) {
      parts.day = number;
    } else {
      return std::nullopt;
    }
  }
  const bool whole = parts.year > 0 && parts.month > 0;
  return whole && (words.size() == 3) == (parts.day > 0) ? std::optional(parts) : std::nullopt;
}

std::string Written(const Parts& parts) {
  if (parts.day == 0) return absl::StrFormat("%04d-%02d", parts.year, parts.month);
  return absl::StrFormat("%04d-%02d-%02d", parts.year, parts.month, parts.day);
}

std::optional<Parts> InOrder(const std::vector<std::string>& words, DateOrder order) {
  const auto numbers = NumbersOf(words);
  if (!numbers) return WithMonthName(words);
  const std::vector<int>& n = *numbers;
  const bool year_first = words.front().size() == kYearDigits;
  const bool year_last = words.back().size() == kYearDigits;
  if (n.size() == 2 && year_first) return Parts{n[0], n[1], 0};
  if (n.size() == 2 && year_last) return Parts{n[1], n[0], 0};
  if (n.size() != 3) return std::nullopt;
  if (year_first) return Parts{n[0], n[1], n[2]};
  if (year_last && order == DateOrder::kDayFirst) return Parts{n[2], n[1], n[0]};
  if (year_last && order == DateOrder::kMonthFirst) return Parts{n[2], n[0], n[1]};
  return std::nullopt;
}

}  // namespace

absl::StatusOr<DateOrder> ParseDateOrder(const std::string& text) {
  if (text.empty()) return DateOrder::kUnknown;
  if (text == "dmy") return DateOrder::kDayFirst;
  if (text == "mdy") return DateOrder::kMonthFirst;
  if (text == "ymd") return DateOrder::kYearFirst;
  return UsageError("--date_order must be dmy, mdy or ymd");
}

bool AsksForOrder(std::string_view text) {
  const std::vector<std::string> words = WordsOf(text);
  const auto numbers = NumbersOf(words);
  return numbers && numbers->size() == 3 && words.back().size() == kYearDigits &&
         words.front().size() <= 2;
}

absl::StatusOr<std::string> ReadSheetDate(std::string_view text, DateOrder order) {
  if (ParseDate(text)) return std::string(text);
  const auto parts = InOrder(WordsOf(text), order);
  if (parts && ParseDate(Written(*parts))) return Written(*parts);
  if (AsksForOrder(text)) {
    const bool known = order != DateOrder::kUnknown;
    return UsageError(absl::StrCat(
        known ? "isn't a date in the order that --date_order says: \"" : "may be two dates: \"",
        std::string(text), "\""));
  }
  return UsageError(
      absl::StrCat("must be a date such as 2025, 2025-02, 2025-02-14 or 14 Feb 2025, not \"",
                   std::string(text), "\""));
}

}  // namespace baliprocess::balictl
