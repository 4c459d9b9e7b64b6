#include "services/capacity/identity/syllables.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace baliprocess::capacity {
namespace {

using icu::UnicodeString;

constexpr UChar32 kVowelE = 0x1031;
constexpr UChar32 kVirama = 0x1039;
constexpr UChar32 kAsat = 0x103A;
constexpr UChar32 kCoeng = 0x17D2;

bool IsWithin(UChar32 c, UChar32 first, UChar32 last) { return c >= first && c <= last; }

bool IsMyanmar(UChar32 c) { return IsWithin(c, 0x1000, 0x109F) || IsWithin(c, 0xAA60, 0xAA7F); }

bool IsOfSyllables(UChar32 c) {
  const bool thai_or_lao = IsWithin(c, 0x0E00, 0x0EFF);
  return thai_or_lao || IsMyanmar(c) || IsWithin(c, 0x1780, 0x17FF);
}

bool IsMark(UChar32 c) { return IsOfSyllables(c) && (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

// Medials of Burmese, of Mon and of Shan.
bool IsMedial(UChar32 c) {
  return IsWithin(c, 0x103B, 0x103E) || IsWithin(c, 0x105E, 0x1060) || c == 0x1082;
}

bool IsMyanmarLetter(UChar32 c) { return IsMyanmar(c) && u_charType(c) == U_OTHER_LETTER; }

// A mark with what belongs to it, and its place among the marks of a syllable (UTN 11).
using Mark = std::pair<int, UnicodeString>;

int PlaceOf(UChar32 c) {
  if (c == kVirama || c == kCoeng) return 0;
  if (IsMedial(c) || c == 0x17C9 || c == 0x17CA) return 1;  // Khmer's register shifters too
  if (c == kVowelE) return 2;
  if (c == kAsat) return 4;
  if (c == 0x1038 || IsWithin(c, 0x1087, 0x108D)) return 5;  // tones, after what they are of
  return 3;
}

// The mark at `i`, which goes on behind it.
Mark TakeMark(const UnicodeString& text, int32_t& i) {
  const int32_t first = i;
  const UChar32 c = text.char32At(i);
  i = text.moveIndex32(i, 1);
  // The asat before a virama: a consonant that stands above the next one (kinzi).
  const bool kinzi = c == kAsat && i < text.length() && text.char32At(i) == kVirama;
  if (kinzi) i = text.moveIndex32(i, 1);
  const bool stacks = kinzi || c == kVirama || c == kCoeng;
  if (stacks && i < text.length()) i = text.moveIndex32(i, 1);
  return {kinzi ? 0 : PlaceOf(c), text.tempSubStringBetween(first, i)};
}

}  // namespace

UnicodeString WithMarksInOrder(const UnicodeString& text) {
  UnicodeString ordered;
  std::vector<Mark> marks;
  for (int32_t i = 0; i < text.length();) {
    if (!IsMark(text.char32At(i))) {
      ordered.append(text.char32At(i));
      i = text.moveIndex32(i, 1);
      continue;
    }
    marks.clear();
    while (i < text.length() && IsMark(text.char32At(i))) marks.push_back(TakeMark(text, i));
    std::sort(marks.begin(), marks.end());
    marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
    for (const Mark& mark : marks) ordered.append(mark.second);
  }
  return ordered;
}

int BrokenMyanmarRules(const UnicodeString& text) {
  int broken = 0;
  UChar32 before = ' ';
  const auto follow = [&](UChar32 c) {
    const bool vowel = IsWithin(c, 0x102B, 0x1032);
    if (before == kVirama) {
      if (!IsMyanmarLetter(c)) ++broken;
    } else if (before == kAsat) {
      if (vowel || IsWithin(c, 0x103B, 0x103E)) ++broken;
    } else if (c == kVowelE) {
      if (!IsMyanmarLetter(before) && !IsMedial(before)) ++broken;
    } else if (IsMark(c) && IsMyanmar(c) && !IsMyanmar(before)) {
      ++broken;
    }
    before = c;
  };
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (!u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) follow(c);
  }
  follow(' ');
  return broken;
}

}  // namespace baliprocess::capacity
