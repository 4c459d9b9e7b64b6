#include "common/telemetry/log_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/time/clock.h"

#include "common/base/text.h"

namespace baliprocess::telemetry {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";  // U+FFFD

// Whether a byte stands for itself in a JSON string, in ASCII.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void AppendControl(unsigned char c, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '\n':
      out.append("\\n");
      break;
    case '\r':
      out.append("\\r");
      break;
    case '\t':
      out.append("\\t");
      break;
    default:
      out.append("\\u00").push_back(kDigits[c >> 4]);
      out.push_back(kDigits[c & 0xf]);
  }
}

// Two digits.
void AppendTwo(int number, std::string& out) {
  out.push_back(static_cast<char>('0' + number / 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

}  // namespace

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      break;
  }
  return "error";
}

void AppendQuoted(std::string_view text, std::string& out) {
  const auto is_plain = [](char c) { return kPlain[static_cast<unsigned char>(c)]; };
  if (std::all_of(text.begin(), text.end(), is_plain)) {
    const size_t end = out.size();
    out.resize(end + text.size() + 2, '"');
    std::copy(text.begin(), text.end(), out.data() + end + 1);
    return;
  }
  out.push_back('"');
  size_t plain = 0;  // start of what can be copied as it is
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (kPlain[c]) {
      ++i;
      continue;
    }
    const size_t length = c >= 0x80 ? DecodeUtf8(text.substr(i)).size : 0;
    if (length > 0) {
      i += length;
      continue;
    }
    out.append(text.substr(plain, i - plain));
    if (c >= 0x80) {
      out.append(kReplacement);
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else {
      AppendControl(c, out);
    }
    plain = ++i;
  }
  out.append(text.substr(plain));
  out.push_back('"');
}

void AppendTime(absl::Time time, std::string& out) {
  // Taking a second apart costs more than the rest of a line, and most lines share theirs.
  thread_local int64_t cached_second = -1;
  thread_local std::string cached;
  const int64_t micros = absl::ToUnixMicros(time);
  const int64_t second = micros / 1000000;
  if (second != cached_second || cached.empty()) {
    const absl::CivilSecond civil =
        absl::ToCivilSecond(absl::FromUnixSeconds(second), absl::UTCTimeZone());
    cached = std::to_string(civil.year());
    for (const auto& [separator, part] :
         {std::pair('-', civil.month()), std::pair('-', civil.day()), std::pair('T', civil.hour()),
          std::pair(':', civil.minute()), std::pair(':', civil.second())}) {
      cached.push_back(separator);
      AppendTwo(part, cached);
    }
    cached.push_back('.');
    cached_second = second;
  }
  out.append(cached);
  const int fraction = static_cast<int>(micros % 1000000);
  AppendTwo(fraction / 10000, out);
  AppendTwo(fraction / 100 % 100, out);
  AppendTwo(fraction % 100, out);
  out.push_back('Z');
}

void BeginLine(Format format, Level level, std::string_view component, std::string_view message,
               std::string& out) {
  const std::string_view name = LevelName(level);
  if (format == Format::kText) {
    AppendTime(absl::Now(), out);
    out.append(" ").append(name).append(" ").append(component).append(": ");
    std::string quoted;
    AppendQuoted(message, quoted);
    out.append(quoted, 1, quoted.size() - 2);
    return;
  }
  out.append("{\"time\":\"");
  AppendTime(absl::Now(), out);
  out.append("\",\"level\":\"").append(name).append("\",\"component\":");
  AppendQuoted(component, out);
  out.append(",\"message\":");
  AppendQuoted(message, out);
}

void AppendKey(Format format, std::string_view key, std::string& out) {
  const std::string_view before = format == Format::kText ? " " : ",\"";
  const std::string_view after = format == Format::kText ? "=" : "\":";
  // In one go: this is most of what a line costs.
  const size_t end = out.size();
  out.resize(end + before.size() + key.size() + after.size());
  char* to = out.data() + end;
  to = std::copy(before.begin(), before.end(), to);
  to = std::copy(key.begin(), key.end(), to);
  std::copy(after.begin(), after.end(), to);
}

void EndLine(Format format, std::string& out) {
  out.append(format == Format::kText ? "\n" : "}\n");
}

}  // namespace baliprocess::telemetry
