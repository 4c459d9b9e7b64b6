#include "common/resource/contract/search_words.h"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"

namespace baliprocess::resource {
namespace {

using icu::BreakIterator;
using icu::Normalizer2;
using icu::StringPiece;
using icu::Transliterator;
using icu::UnicodeString;

// ICU's own data and rules that a test compiles: nothing of this can fail but for want of memory.

// The end of the word of plain ASCII that begins at `from`; `from` itself where none does.
size_t EndOfAsciiWord(std::string_view text, size_t from) {
  while (from < text.size() && absl::ascii_isalnum(static_cast<unsigned char>(text[from]))) ++from;
  return from;
}

std::string AsciiWord(std::string_view word) {
  word = word.substr(0, kMostOfWord);
  return absl::AsciiStrToLower(absl::string_view(word.data(), word.size()));
}

// The words of plain ASCII, most texts: as below, without looking anything up.
void AddAsciiWords(std::string_view text, size_t limit, std::vector<std::string>& words) {
  for (size_t i = 0; i < text.size() && words.size() < limit;) {
    const size_t end = EndOfAsciiWord(text, i);
    if (end > i) words.push_back(AsciiWord(text.substr(i, end - i)));
    i = end + 1;
  }
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Accents of scripts whose letters are read without them, and letters with strokes and the like.
const Transliterator& WithoutAccents() {
  static thread_local const std::unique_ptr<Transliterator> rules = [] {
    UErrorCode error = U_ZERO_ERROR;
    UParseError place;
    return std::unique_ptr<Transliterator>(Transliterator::createFromRules(
        "words",
        UnicodeString::fromUTF8(
            ":: NFD;"
            "[[:Latin:][:Greek:][:Cyrillic:][:Arabic:][:Hebrew:]] { [:Mn:]+ > ;"
            ":: NFC;"
            ":: [:Latin:] Latin-ASCII;"
            // Arabic: tatweel; yeh and kaf as others write them, teh marbuta.
            "\\u0640 > ; [\\u0649\\u06CC] > \\u064A; \\u06A9 > \\u0643; \\u0629 > \\u0647;"),
        UTRANS_FORWARD, place, error));
  }();
  return *rules;
}

BreakIterator& WordBreaks() {
  static thread_local const std::unique_ptr<BreakIterator> breaks = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<BreakIterator>(
        BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
  }();
  return *breaks;
}

bool IsOfWords(UChar32 c) { return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

void AddWord(const UnicodeString& word, std::vector<std::string>& words) {
  if (word.isEmpty()) return;
  const int32_t size = std::min<int32_t>(word.countChar32(), kMostOfWord);
  std::string utf8;
  word.tempSubString(0, word.moveIndex32(0, size)).toUTF8String(utf8);
  words.push_back(std::move(utf8));
}

// The words of a piece between two boundaries, which may have others within, such as in `3.14`.
void AddWordsOf(const UnicodeString& piece, size_t limit, std::vector<std::string>& words) {
  UnicodeString word;
  for (int32_t i = 0; i < piece.length() && words.size() < limit; i = piece.moveIndex32(i, 1)) {
    const UChar32 c = piece.char32At(i);
    if (IsOfWords(c)) {
      word.append(c);
    } else {
      AddWord(word, words);
      word.remove();
    }
  }
  if (words.size() < limit) AddWord(word, words);
}

bool BeginsWithAny(std::string_view word, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return word.starts_with(beginning); });
}

std::optional<size_t> FindInAscii(std::string_view text, const std::vector<std::string>& words) {
  for (size_t i = 0; i < text.size();) {
    const size_t end = EndOfAsciiWord(text, i);
    if (end > i && BeginsWithAny(AsciiWord(text.substr(i, end - i)), words)) return i;
    i = end + 1;
  }
  return std::nullopt;
}

UnicodeString ToUnicode(std::string_view text) {
  return UnicodeString::fromUTF8(StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

}  // namespace

std::vector<std::string> SearchWords(std::string_view text, size_t limit) {
  std::vector<std::string> words;
  if (IsAscii(text)) {
    AddAsciiWords(text, limit, words);
    return words;
  }
  UErrorCode error = U_ZERO_ERROR;
  const Normalizer2* fold = Normalizer2::getNFKCCasefoldInstance(error);
  UnicodeString folded = fold->normalize(ToUnicode(text), error);
  if (U_FAILURE(error)) return words;
  WithoutAccents().transliterate(folded);
  BreakIterator& breaks = WordBreaks();
  breaks.setText(folded);
  int32_t from = breaks.first();
  for (int32_t to = breaks.next(); to != BreakIterator::DONE && words.size() < limit;
       from = to, to = breaks.next()) {
    AddWordsOf(folded.tempSubStringBetween(from, to), limit, words);
  }
  return words;
}

// Pieces of the text as it is, each folded by itself: folded as a whole it would have other places.
std::optional<size_t> FindBeginning(std::string_view text, const std::vector<std::string>& words) {
  if (IsAscii(text)) return FindInAscii(text, words);
  const UnicodeString unicode = ToUnicode(text);
  // A breaker of its own: SearchWords uses the shared one.
  const std::unique_ptr<BreakIterator> breaks(WordBreaks().clone());
  breaks->setText(unicode);
  size_t at = 0;  // in UTF-8
  int32_t from = breaks->first();
  for (int32_t to = breaks->next(); to != BreakIterator::DONE; from = to, to = breaks->next()) {
    std::string piece;
    unicode.tempSubStringBetween(from, to).toUTF8String(piece);
    for (const std::string& word : SearchWords(piece, words.size() + 1)) {
      if (BeginsWithAny(word, words)) return at;
    }
    at += piece.size();
  }
  return std::nullopt;
}

std::string AfterBeginning(std::string_view word) {
  // The last code point there is; no word has it.
  return std::string(word).append("\xF4\x8F\xBF\xBF");
}

}  // namespace baliprocess::resource
