#include "services/gateway/transcoding/times.h"

#include <charconv>
#include <chrono>
#include <cstdlib>

#include "absl/strings/str_format.h"

namespace baliprocess::gateway {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

// From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z; see timestamp.proto.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;
// See duration.proto.
constexpr int64_t kMostSeconds = 315'576'000'000;
constexpr int32_t kNanosOfSecond = 1'000'000'000;

// Reads a text from left to right. Once something isn't there, nothing is.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void Expect(char c) { good_ = good_ && Take(c); }

  // A number of so many digits, and no larger than `largest`.
  int64_t Number(size_t fewest, size_t most, int64_t largest) {
    size_t size = 0;
    while (size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9') ++size;
    int64_t number = 0;
    const auto read = std::from_chars(rest_.data(), rest_.data() + size, number);
    good_ = good_ && size >= fewest && size <= most && read.ec == std::errc() && number <= largest;
    rest_.remove_prefix(size);
    return number;
  }

  // The digits after a point, if there is one.
  int32_t Nanos() {
    if (!Take('.')) return 0;
    const size_t before = rest_.size();
    int64_t nanos = Number(1, 9, kNanosOfSecond - 1);
    for (size_t digits = before - rest_.size(); good_ && digits < 9; ++digits) nanos *= 10;
    return static_cast<int32_t>(nanos);
  }

  bool IsGoodAndAtEnd() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// `Z`, `+02:00` or `-02:00`, in seconds.
int64_t ReadOffset(Reader& reader) {
  if (reader.Take('Z')) return 0;
  const bool behind = reader.Take('-');
  if (!behind) reader.Expect('+');
  const int64_t hours = reader.Number(2, 2, 23);
  reader.Expect(':');
  const int64_t seconds = hours * 3600 + reader.Number(2, 2, 59) * 60;
  return behind ? -seconds : seconds;
}

void AppendNanos(int32_t nanos, std::string& text) {
  if (nanos == 0) return;
  if (nanos % 1'000'000 == 0) {
    absl::StrAppendFormat(&text, ".%03d", nanos / 1'000'000);
  } else if (nanos % 1'000 == 0) {
    absl::StrAppendFormat(&text, ".%06d", nanos / 1'000);
  } else {
    absl::StrAppendFormat(&text, ".%09d", nanos);
  }
}

void AppendDigits(unsigned number, int width, std::string& text) {
  const size_t start = text.size();
  text.append(static_cast<size_t>(width), '0');
  for (size_t i = text.size(); i > start; --i, number /= 10) {
    text[i - 1] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

std::optional<SecondsAndNanos> ReadTimestamp(std::string_view text) {
  Reader reader(text);
  const std::chrono::year year(static_cast<int>(reader.Number(4, 4, 9999)));
  reader.Expect('-');
  const std::chrono::month month(static_cast<unsigned>(reader.Number(2, 2, 12)));
  reader.Expect('-');
  const std::chrono::day day(static_cast<unsigned>(reader.Number(2, 2, 31)));
  reader.Expect('T');
  int64_t seconds = reader.Number(2, 2, 23) * 3600;
  reader.Expect(':');
  seconds += reader.Number(2, 2, 59) * 60;
  reader.Expect(':');
  seconds += reader.Number(2, 2, 59);
  const int32_t nanos = reader.Nanos();
  seconds -= ReadOffset(reader);
  const year_month_day date(year, month, day);
  if (!reader.IsGoodAndAtEnd() || !date.ok()) return std::nullopt;
  seconds += int64_t{sys_days(date).time_since_epoch().count()} * 86'400;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return SecondsAndNanos{seconds, nanos};
}

std::optional<SecondsAndNanos> ReadDuration(std::string_view text) {
  Reader reader(text);
  const bool negative = reader.Take('-');
  const int64_t seconds = reader.Number(1, 12, kMostSeconds);
  const int32_t nanos = reader.Nanos();
  reader.Expect('s');
  if (!reader.IsGoodAndAtEnd() || (seconds == kMostSeconds && nanos > 0)) return std::nullopt;
  return negative ? SecondsAndNanos{-seconds, -nanos} : SecondsAndNanos{seconds, nanos};
}

bool AppendTimestamp(const SecondsAndNanos& time, std::string& text) {
  if (time.seconds < kFirstSecond || time.seconds > kLastSecond || time.nanos < 0 ||
      time.nanos >= kNanosOfSecond) {
    return false;
  }
  const std::chrono::sys_seconds instant{std::chrono::seconds(time.seconds)};
  const sys_days day = std::chrono::floor<std::chrono::days>(instant);
  const year_month_day date(day);
  const auto second = static_cast<unsigned>((instant - day).count());
  AppendDigits(static_cast<unsigned>(static_cast<int>(date.year())), 4, text);
  const std::pair<char, unsigned> parts[] = {{'-', static_cast<unsigned>(date.month())},
                                             {'-', static_cast<unsigned>(date.day())},
                                             {'T', second / 3600},
                                             {':', second / 60 % 60},
                                             {':', second % 60}};
  for (const auto& [separator, number] : parts) {
    text.push_back(separator);
    AppendDigits(number, 2, text);
  }
  AppendNanos(time.nanos, text);
  text.push_back('Z');
  return true;
}

bool AppendDuration(const SecondsAndNanos& duration, std::string& text) {
  const auto [seconds, nanos] = duration;
  if (seconds < -kMostSeconds || seconds > kMostSeconds || nanos <= -kNanosOfSecond ||
      nanos >= kNanosOfSecond || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) {
    return false;
  }
  absl::StrAppendFormat(&text, "%s%d", seconds < 0 || nanos < 0 ? "-" : "", std::abs(seconds));
  AppendNanos(std::abs(nanos), text);
  text.push_back('s');
  return true;
}

}  // namespace baliprocess::gateway
