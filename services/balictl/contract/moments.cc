#include "services/balictl/contract/moments.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"

#include "common/base/date.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kNanoDigits = 9;

std::vector<std::string> Words(std::string_view text) {
  return absl::StrSplit(absl::string_view(text.data(), text.size()), ' ', absl::SkipEmpty());
}

bool ParseAs(const char* format, const std::string& text, absl::Time& time) {
  std::string error;
  // It also knows words for times without end.
  return absl::ParseTime(format, text, &time, &error) && time != absl::InfiniteFuture() &&
         time != absl::InfinitePast();
}

std::optional<absl::Time> InZone(const std::string& local, const std::string& name) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  // As if in UTC, for its numbers alone.
  absl::Time numbers;
  if (!ParseAs("%Y-%m-%d %H:%M:%S", local, numbers) && !ParseAs("%Y-%m-%d %H:%M", local, numbers)) {
    return std::nullopt;
  }
  return MomentOf(absl::ToCivilSecond(numbers, absl::UTCTimeZone()), zone);
}

bool IsCurrency(std::string_view word) {
  return word.size() == 3 && std::all_of(word.begin(), word.end(), [](char c) {
           return absl::ascii_isupper(static_cast<unsigned char>(c));
         });
}

bool AreDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// The digits of a whole number; nullopt unless its commas, if it has any, part it into threes.
std::optional<std::string> DigitsOf(std::string_view whole) {
  const std::vector<std::string> groups =
      absl::StrSplit(absl::string_view(whole.data(), whole.size()), ',');
  std::string digits;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (!AreDigits(groups[i]) || (i > 0 && groups[i].size() != 3)) return std::nullopt;
    digits += groups[i];
  }
  if (groups.size() > 1 && groups[0].size() > 3) return std::nullopt;
  return digits;
}

std::optional<absl::Duration> Finite(absl::Duration span) {
  const bool infinite = span == absl::InfiniteDuration() || span == -absl::InfiniteDuration();
  return infinite ? std::nullopt : std::optional(span);
}

}  // namespace

std::optional<absl::Time> ParseMoment(std::string_view text) {
  const std::string plain(absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size())));
  absl::Time time;
  for (const char* format : {"%Y-%m-%d%ET%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S%Ez",
                             "%Y-%m-%d%ET%H:%M%Ez", "%Y-%m-%d %H:%M%Ez"}) {
    if (ParseAs(format, plain, time)) return time;
  }
  const std::vector<std::string> words = Words(plain);
  if (words.size() != 3) return std::nullopt;
  return InZone(absl::StrCat(words[0], " ", words[1]), words[2]);
}

std::string FormatMoment(const google::protobuf::Timestamp& time) {
  const absl::Time moment = absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime("%Y-%m-%d %H:%M:%E*SZ", moment, absl::UTCTimeZone());
}

std::optional<google::type::TimeOfDay> ParseTimeOfDay(std::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), ':');
  std::vector<int> numbers(3, 0);
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool fits = AreDigits(parts[i]) && parts[i].size() <= 2;
    if (!fits || !absl::SimpleAtoi(parts[i], &numbers[i])) return std::nullopt;
  }
  if (numbers[0] > 23 || numbers[1] > 59 || numbers[2] > 59) return std::nullopt;
  google::type::TimeOfDay time;
  time.set_hours(numbers[0]);
  time.set_minutes(numbers[1]);
  time.set_seconds(numbers[2]);
  return time;
}

std::string FormatTimeOfDay(const google::type::TimeOfDay& time) {
  const std::string text = absl::StrFormat("%02d:%02d", time.hours(), time.minutes());
  return time.seconds() == 0 ? text : absl::StrFormat("%s:%02d", text, time.seconds());
}

std::optional<absl::Duration> ParseSpan(std::string_view text) {
  std::string rest(text);
  absl::Duration days;
  const size_t d = rest.find('d');
  if (d != std::string::npos) {
    int64_t count = 0;
    if (!AreDigits(rest.substr(0, d)) || !absl::SimpleAtoi(rest.substr(0, d), &count)) {
      return std::nullopt;
    }
    days = absl::Hours(24) * count;
    rest = rest.substr(d + 1);
    if (rest.empty()) return Finite(days);
  }
  absl::Duration span;
  const bool read = absl::ParseDuration(rest, &span);
  const bool days_and_less = d != std::string::npos && span < absl::ZeroDuration();
  return read && !days_and_less ? Finite(days + span) : std::nullopt;
}

std::string FormatSpan(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(absl::Seconds(duration.seconds()) +
                              absl::Nanoseconds(duration.nanos()));
}

std::optional<google::type::Money> ParseMoney(std::string_view text) {
  const std::vector<std::string> words = Words(text);
  if (words.size() != 2) return std::nullopt;
  const bool first = IsCurrency(words[0]);
  if (first == IsCurrency(words[1])) return std::nullopt;
  std::string amount = first ? words[1] : words[0];
  const bool negative = amount.starts_with('-');
  if (negative) amount.erase(0, 1);
  const size_t point = amount.find('.');
  const auto whole = DigitsOf(amount.substr(0, point));
  std::string decimals = point == std::string::npos ? "0" : amount.substr(point + 1);
  if (!whole || !AreDigits(decimals) || decimals.size() > kNanoDigits) return std::nullopt;
  decimals.resize(kNanoDigits, '0');
  int64_t units = 0;
  int32_t nanos = 0;
  if (!absl::SimpleAtoi(*whole, &units) || !absl::SimpleAtoi(decimals, &nanos)) return std::nullopt;
  google::type::Money money;
  money.set_currency_code(first ? words[0] : words[1]);
  money.set_units(negative ? -units : units);
  money.set_nanos(negative ? -nanos : nanos);
  return money;
}

}  // namespace baliprocess::balictl
