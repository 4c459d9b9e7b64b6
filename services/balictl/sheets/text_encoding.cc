#include "services/balictl/sheets/text_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"

#include "common/base/text.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

constexpr std::string_view kMark8 = "\xef\xbb\xbf";
constexpr std::string_view kMarkLittle = "\xff\xfe";
constexpr std::string_view kMarkBig = "\xfe\xff";

// The characters of the bytes 0x80 to 0x9f (https://encoding.spec.whatwg.org/#windows-1252); 0:
// none. All other bytes are the code points of their numbers.
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

void AppendUtf8(uint32_t code, std::string& text) {
  const auto add = [&text](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = DecodeUtf8(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

uint32_t Unit(std::string_view bytes, size_t at, bool big) {
  const auto first = static_cast<unsigned char>(bytes[at]);
  const auto second = static_cast<unsigned char>(bytes[at + 1]);
  return big ? uint32_t{first} << 8 | second : uint32_t{second} << 8 | first;
}

absl::StatusOr<DecodedText> FromUtf16(std::string_view bytes, bool big) {
  const absl::Status broken = UsageError("isn't whole: a text in UTF-16 with half a character");
  DecodedText decoded{"", "UTF-16"};
  if (bytes.size() % 2 != 0) return broken;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    uint32_t code = Unit(bytes, i, big);
    if (code >= 0xD800 && code < 0xE000) {
      const uint32_t low = i + 4 <= bytes.size() ? Unit(bytes, i + 2, big) : 0;
      if (code >= 0xDC00 || low < 0xDC00 || low >= 0xE000) return broken;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    }
    AppendUtf8(code, decoded.text);
  }
  return decoded;
}

absl::StatusOr<DecodedText> FromWindows1252(std::string_view bytes) {
  DecodedText decoded{"", "Windows-1252"};
  size_t line = 1;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const uint32_t code = byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte;
    if (byte != 0 && code == 0) {
      return UsageError(absl::StrCat("line ", line,
                                     ": isn't text in UTF-8, UTF-16 or Windows-1252; save the "
                                     "sheet as .xlsx, or as CSV in UTF-8"));
    }
    if (c == '\n') ++line;
    AppendUtf8(code, decoded.text);
  }
  return decoded;
}

// Whether in the first bytes every other one, from `odd` on, is 0, and no other one.
bool HasZeros(std::string_view bytes, size_t odd) {
  constexpr size_t kLookedAt = 64;
  const size_t count = std::min(bytes.size() / 2 * 2, kLookedAt);
  for (size_t i = 0; i < count; ++i) {
    if ((bytes[i] == '\0') != (i % 2 == odd)) return false;
  }
  return count > 0;
}

}  // namespace

absl::StatusOr<DecodedText> DecodeText(std::string_view bytes) {
  if (bytes.starts_with(kMarkLittle)) return FromUtf16(bytes.substr(2), /*big=*/false);
  if (bytes.starts_with(kMarkBig)) return FromUtf16(bytes.substr(2), /*big=*/true);
  if (HasZeros(bytes, 1)) return FromUtf16(bytes, /*big=*/false);
  if (HasZeros(bytes, 0)) return FromUtf16(bytes, /*big=*/true);
  const bool marked = bytes.starts_with(kMark8);
  if (marked) bytes.remove_prefix(kMark8.size());
  if (IsUtf8(bytes)) return DecodedText{std::string(bytes), std::string(kUtf8)};
  if (marked) return UsageError("says that it is UTF-8, and isn't from end to end");
  return FromWindows1252(bytes);
}

}  // namespace baliprocess::balictl
