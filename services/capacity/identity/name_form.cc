#include "services/capacity/identity/name_form.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "services/capacity/identity/syllables.h"

namespace baliprocess::capacity {
namespace {

using icu::Normalizer2;
using icu::Transliterator;
using icu::UnicodeString;

// ICU's own data and rules that a test compiles: nothing of this can fail but for want of memory.

UnicodeString ToUnicode(std::string_view text) {
  return UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string ToUtf8(const UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

std::unique_ptr<Transliterator> Transform(const char* id) {
  UErrorCode error = U_ZERO_ERROR;
  return std::unique_ptr<Transliterator>(Transliterator::createInstance(id, UTRANS_FORWARD, error));
}

std::unique_ptr<Transliterator> Rules(const char* rules) {
  UErrorCode error = U_ZERO_ERROR;
  UParseError place;
  return std::unique_ptr<Transliterator>(Transliterator::createFromRules(
      "names", UnicodeString::fromUTF8(rules), UTRANS_FORWARD, place, error));
}

// Any script to Latin letters without accents, in lower case.
const Transliterator& ToPlainLatin() {
  static thread_local const std::unique_ptr<Transliterator> transform =
      Transform("Any-Latin; Latin-ASCII; Any-Lower");
  return *transform;
}

// What has to be seen before invisible characters are gone, and compatibility forms with them.
const Transliterator& BeforeFolding() {
  static thread_local const std::unique_ptr<Transliterator> rules = Rules(
      // An accent on its own, typed as an apostrophe.
      "[\\u00B4\\u0384\\u1FBD\\u1FBF] > ;"
      // Letters that were spelled with a joiner before they had a code point: Bengali khanda ta,
      // Malayalam chillus.
      "\\u09A4\\u09CD\\u200D > \\u09CE;"
      "\\u0D23\\u0D4D\\u200D > \\u0D7A; \\u0D28\\u0D4D\\u200D > \\u0D7B;"
      "\\u0D30\\u0D4D\\u200D > \\u0D7C; \\u0D32\\u0D4D\\u200D > \\u0D7D;"
      "\\u0D33\\u0D4D\\u200D > \\u0D7E; \\u0D15\\u0D4D\\u200D > \\u0D7F;");
  return *rules;
}

// One spelling of what is spelled in several ways, script by script.
const Transliterator& OneSpelling() {
  static thread_local const std::unique_ptr<Transliterator> rules = Rules(
      // Arabic: vowel signs and tatweel; kinds of alef, yeh, kaf and heh.
      "[\\u0610-\\u061A\\u0640\\u064B-\\u065F\\u0670\\u06D6-\\u06DC\\u06DF-\\u06E4\\u06E7\\u06E8"
      "\\u06EA-\\u06ED\\u08D3-\\u08E1\\u08E3-\\u08FF] > ;"
      "[\\u0622\\u0623\\u0625\\u0671] > \\u0627;"
      "[\\u0649\\u06CC] > \\u064A;"
      "[\\u06A9\\u06AA] > \\u0643;"
      "[\\u0629\\u06C0-\\u06C3\\u06D5] > \\u0647;"
      // Hebrew: points.
      "[\\u0591-\\u05BD\\u05BF\\u05C1\\u05C2\\u05C4\\u05C5\\u05C7] > ;"
      // Thai and Lao: two of a vowel for another that looks like them.
      "\\u0E40\\u0E40 > \\u0E41; \\u0EC0\\u0EC0 > \\u0EC1;"
      // Khmer: subscript da looks like ta; vowels in two parts, as they are in order.
      "\\u17D2\\u178A > \\u17D2\\u178F;"
      "\\u17B6\\u17C1 > \\u17C4; \\u17B8\\u17C1 > \\u17BE;"
      // Tamil: the two spellings of shri.
      "\\u0BB6\\u0BCD\\u0BB0\\u0BC0 > \\u0BB8\\u0BCD\\u0BB0\\u0BC0;"
      // Myanmar: digits for letters that look like them, u for nya and the reverse, letters in two
      // parts; optional spaces.
      "\\u1040 > \\u101D; \\u1047 > \\u101B; \\u1025\\u103A > \\u1009\\u103A;"
      "\\u1009\\u102E > \\u1026; \\u101E\\u1039\\u101E > \\u103F;"
      "\\u101E\\u103C\\u1031\\u102C\\u103A > \\u102A; \\u101E\\u103C > \\u1029;"
      "[:Script=Mymr:] { [:White_Space:]+ } [:Script=Mymr:] > ;");
  return *rules;
}

bool IsApostrophe(UChar32 c) {
  switch (c) {
    case '\'':
    case '`':
    case 0x02B9:  // modifiers that transliterations have for letters without a Latin one
    case 0x02BA:
    case 0x02BB:
    case 0x02BC:
    case 0x02BD:
    case 0x02BE:
    case 0x02BF:
    case 0x02C8:
    case 0x055A:
    case 0x05F3:
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0x2032:
    case 0xA78C:
      return true;
    default:
      return false;
  }
}

bool IsOfWords(UChar32 c) { return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

// The words of a text: apostrophes don't part them, all else but letters and digits does.
std::vector<std::string> WordsOf(const UnicodeString& text) {
  UnicodeString apart;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (!IsApostrophe(c)) apart.append(IsOfWords(c) ? c : ' ');
  }
  return absl::StrSplit(ToUtf8(apart), ' ', absl::SkipEmpty());
}

bool IsInitial(const std::string& word) {
  return word.size() == 1 && absl::ascii_isalpha(static_cast<unsigned char>(word[0]));
}

std::vector<std::string> WithInitialsJoined(const std::vector<std::string>& words) {
  std::vector<std::string> joined;
  bool after_initial = false;
  for (const std::string& word : words) {
    const bool initial = IsInitial(word);
    if (initial && after_initial) {
      joined.back() += word;
    } else {
      joined.push_back(word);
    }
    after_initial = initial;
  }
  return joined;
}

}  // namespace

std::string NormaliseName(std::string_view name) {
  UErrorCode error = U_ZERO_ERROR;
  UnicodeString text = ToUnicode(name);
  BeforeFolding().transliterate(text);
  text = Normalizer2::getNFKCCasefoldInstance(error)->normalize(text, error);
  text = WithMarksInOrder(text);
  OneSpelling().transliterate(text);
  ToPlainLatin().transliterate(text);
  std::vector<std::string> words = WithInitialsJoined(WordsOf(text));
  std::sort(words.begin(), words.end());
  return absl::StrJoin(words, " ");
}

std::string NormaliseNameAsBefore(std::string_view name) {
  UnicodeString text = ToUnicode(name);
  ToPlainLatin().transliterate(text);
  std::string latin = ToUtf8(text);
  // What isn't a letter or digit separates words; what has no Latin form counts as a letter.
  for (char& c : latin) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && !absl::ascii_isalnum(byte)) c = ' ';
  }
  std::vector<std::string> words = absl::StrSplit(latin, ' ', absl::SkipEmpty());
  std::sort(words.begin(), words.end());
  return absl::StrJoin(words, " ");
}

bool IsNameTooLong(std::string_view name) {
  UErrorCode error = U_ZERO_ERROR;
  const UnicodeString text = Normalizer2::getNFKCInstance(error)->normalize(ToUnicode(name), error);
  int beyond_latin = 0;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UScriptCode script = uscript_getScript(text.char32At(i), &error);
    beyond_latin += script == USCRIPT_LATIN || script == USCRIPT_COMMON ? 0 : 1;
  }
  return text.countChar32() > kMostOfName || beyond_latin > kMostBeyondLatin;
}

bool IsZawgyi(std::string_view name) {
  UnicodeString text = ToUnicode(name);
  const int broken = BrokenMyanmarRules(text);
  if (broken == 0) return false;
  static thread_local const std::unique_ptr<Transliterator> transform = Transform("Zawgyi-my");
  transform->transliterate(text);
  return BrokenMyanmarRules(text) < broken;
}

}  // namespace baliprocess::capacity
