#include "services/balictl/program/terminal_text.h"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace baliprocess::balictl {
namespace {

constexpr UChar32 kReplacement = 0xFFFD;
constexpr UChar32 kEmojiVariation = 0xFE0F;
constexpr UChar32 kJoiner = 0x200D;

// The next character from `at` on, which moves behind it.
UChar32 NextCharacter(std::string_view text, int32_t& at) {
  UChar32 character = 0;
  U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), at, static_cast<int32_t>(text.size()),
          character);
  return character < 0 ? kReplacement : character;
}

// Two of these make a flag.
bool IsHalfOfFlag(UChar32 character) {
  return u_hasBinaryProperty(character, UCHAR_REGIONAL_INDICATOR) != 0;
}

bool IsWide(UChar32 character) {
  if (IsHalfOfFlag(character)) return false;
  const int width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_FULLWIDTH || width == U_EA_WIDE ||
         u_hasBinaryProperty(character, UCHAR_EMOJI_PRESENTATION);
}

bool IsInvisible(UChar32 character) {
  const int8_t kind = u_charType(character);
  return kind == U_NON_SPACING_MARK || kind == U_ENCLOSING_MARK || kind == U_FORMAT_CHAR;
}

// The columns of one character as people see it.
size_t ColumnsOfCluster(std::string_view cluster) {
  size_t columns = 0;
  for (int32_t at = 0; at < static_cast<int32_t>(cluster.size());) {
    const UChar32 character = NextCharacter(cluster, at);
    if (character == kEmojiVariation || character == kJoiner) return 2;  // drawn as one emoji
    if (!IsInvisible(character)) columns += IsWide(character) ? 2 : 1;
  }
  return columns;
}

// The ends of the characters of the text, in bytes.
std::vector<size_t> CharacterEnds(std::string_view text) {
  std::vector<size_t> ends;
  for (int32_t at = 0; at < static_cast<int32_t>(text.size());) {
    NextCharacter(text, at);
    ends.push_back(static_cast<size_t>(at));
  }
  return ends;
}

// The ends of the characters of the text as people see them, in bytes; of single characters where
// ICU's data for that isn't installed.
std::vector<size_t> ClusterEnds(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
  if (U_FAILURE(error)) return CharacterEnds(text);
  std::vector<size_t> ends;
  const auto unicode = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  breaks->setText(unicode);
  std::string so_far;
  int32_t from = 0;
  for (int32_t to = breaks->next(); to != icu::BreakIterator::DONE; to = breaks->next()) {
    unicode.tempSubStringBetween(from, to).toUTF8String(so_far);
    ends.push_back(so_far.size());
    from = to;
  }
  return ends;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Text without bytes that are no UTF-8, so that places in it are those in its clusters.
std::string ValidText(std::string_view text) {
  std::string valid;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .toUTF8String(valid);
  return valid;
}

}  // namespace

size_t Columns(std::string_view text) {
  if (IsAscii(text)) return text.size();
  const std::string valid = ValidText(text);
  size_t columns = 0;
  size_t from = 0;
  for (const size_t end : ClusterEnds(valid)) {
    columns += ColumnsOfCluster(std::string_view(valid).substr(from, end - from));
    from = end;
  }
  return columns;
}

std::string CutTo(std::string_view text, size_t width) {
  if (Columns(text) <= width) return std::string(text);
  if (width == 0) return "";
  const std::string valid = ValidText(text);
  size_t columns = 0;
  size_t from = 0;
  for (const size_t end : ClusterEnds(valid)) {
    columns += ColumnsOfCluster(std::string_view(valid).substr(from, end - from));
    if (columns > width - 1) break;
    from = end;
  }
  return absl::StrCat(valid.substr(0, from), "…");
}

std::string SafeText(std::string_view text) {
  std::string safe;
  for (int32_t at = 0; at < static_cast<int32_t>(text.size());) {
    const int32_t from = at;
    const UChar32 character = NextCharacter(text, at);
    const bool turns = u_hasBinaryProperty(character, UCHAR_BIDI_CONTROL) != 0;
    if (character == '\n' || character == '\t') {
      safe += ' ';
    } else if (character == kReplacement) {
      safe += "\xEF\xBF\xBD";  // also of bytes that are no UTF-8
    } else if (u_iscntrl(character) && (turns || u_charType(character) == U_CONTROL_CHAR)) {
      safe += '?';
    } else {
      safe += text.substr(static_cast<size_t>(from), static_cast<size_t>(at - from));
    }
  }
  return safe;
}

std::string Wrapped(std::string_view text, size_t width) {
  std::string wrapped;
  size_t columns = 0;  // of the line so far
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    if (line.empty() || line.front() == ' ') {
      absl::StrAppend(&wrapped, columns > 0 ? "\n" : "", line, "\n");
      columns = 0;
      continue;
    }
    for (const absl::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      const size_t length = Columns({word.data(), word.size()});
      if (columns > 0 && columns + 1 + length > width) {
        wrapped += '\n';
        columns = 0;
      }
      absl::StrAppend(&wrapped, columns > 0 ? " " : "", word);
      columns += length + (columns > 0 ? 1 : 0);
    }
  }
  while (wrapped.ends_with('\n')) wrapped.pop_back();
  return wrapped;
}

std::string Indented(std::string_view text, const std::string& indent) {
  if (text.empty()) return "";
  const std::string lines = Wrapped(text, kPageWidth - indent.size());
  return absl::StrCat(indent, absl::StrJoin(absl::StrSplit(lines, '\n'), "\n" + indent), "\n");
}

}  // namespace baliprocess::balictl
